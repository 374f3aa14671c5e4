import type { Agent, AgentInput } from '../agent.ts';
import { isForeground } from '../sources/command/signals/foreground.ts';

const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

export interface Signals {
  /**
   * Resolves when a signal means the agent: for files and stdin the first one, for a running command the second Ctrl-C, or
   * the second of any kind where its output can't be written.
   */
  stop: Promise<void>;
  /** Whether somebody wants an end at all. */
  wereGiven(): boolean;
}

export function takeSignals(agent: Agent, input: AgentInput): Signals {
  const isOnPty = input.kind === 'command' && input.tty === true;
  let isRunning = input.kind === 'command';
  let given = 0;
  let interrupts = 0;
  void agent.ended.then(() => {
    isRunning = false;
  });
  const stop = new Promise<void>((resolve) => {
    for (const signal of endingSignals) {
      process.on(signal, () => {
        given++;
        if (signal === 'SIGINT') interrupts++;
        const isStuck = agent.log.journal.trouble !== undefined;
        if (!isRunning || interrupts > 1 || (isStuck && given > 1)) return resolve();
        // From the keyboard it went to the whole foreground group already; twice would mean "at once" to many programs.
        const isFromKeyboard = !isOnPty && (signal === 'SIGINT' || signal === 'SIGQUIT') && isForeground();
        if (!isFromKeyboard) agent.kill(signal);
      });
    }
  });
  return { stop, wereGiven: () => given > 0 };
}

export function anySignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of endingSignals) process.once(signal, () => resolve());
  });
}
