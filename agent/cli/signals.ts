import { constants } from 'node:os';
import type { Agent } from '../agent.ts';
import { isForeground } from '../sources/command/signals/foreground.ts';
import { createWitness, type Witness } from '../sources/command/signals/witness.ts';
import type { Outcome } from '../sources/source.ts';
import { createDeferred } from '../system/deferred.ts';
import { inherited } from '../system/inherited.ts';
import { endEchoedLine, report } from './report.ts';

/** Where no command runs they mean sse-tail. */
const endingSignals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/**
 * What else a command may be told. Left out: SIGSEGV, SIGBUS, SIGFPE and SIGILL, after which no JavaScript may run;
 * SIGPIPE, SIGXFSZ and SIGCHLD, which this process gets for its own doings; SIGTTIN and SIGTTOU, after which a read
 * would be tried for ever; and signals that Node has no name for (real-time).
 */
const otherSignals: readonly NodeJS.Signals[] = [
  ...(['SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGVTALRM', 'SIGPROF', 'SIGABRT', 'SIGTRAP', 'SIGSYS', 'SIGXCPU'] as const),
  ...(['SIGIO', 'SIGPWR', 'SIGSTKFLT', 'SIGURG', 'SIGWINCH', 'SIGCONT', 'SIGTSTP'] as const),
];

/** Without a listener they do nothing, or end nothing (signal(7)). */
const harmlessSignals: readonly NodeJS.Signals[] = ['SIGURG', 'SIGWINCH', 'SIGCONT', 'SIGTSTP'];

/** V8 samples by SIGPROF where Node was told to profile: a listener would end the profile, and the program. */
const isProfiled = process.execArgv.some((argument) => /^--(cpu-)?prof\b/.test(argument));

const caught = [...endingSignals, ...otherSignals].filter((name) => {
  return name in constants.signals && !(name === 'SIGPROF' && isProfiled);
});

/**
 * A command that ends within this time after a signal to end has ended because of it; one that runs longer has survived
 * it (a reload, a thread dump, Ctrl-C at a prompt). Kubernetes waits as long before it sends SIGKILL.
 */
const responseMs = 30_000;

export interface Signals {
  /** Resolves with the first signal that means sse-tail itself. */
  readonly stop: Promise<NodeJS.Signals>;
  /** Resolves once a signal has ended sse-tail, or its command; one that the command has survived does nothing. */
  readonly ending: Promise<unknown>;
  /** Whether one has. */
  isEnding(): boolean;
  /** From now on until it has ended they are for the agent's command, which runs once `started` resolves. */
  passTo(agent: Agent, started: Promise<void>): void;
}

/**
 * - `starting`: the command does not run yet, and will not if a signal ends sse-tail first.
 * - `passing`: every signal goes to the command, whatever it does about it.
 * - `serving`: there is no command, or it has ended.
 */
type Phase = 'starting' | 'passing' | 'serving';

/** @param withinMs a command that ends later than that after a signal has not ended because of it */
export function takeSignals(input: { kind: string; tty?: boolean }, withinMs = responseMs): Signals {
  const isOnPty = input.tty === true;
  let phase: Phase = input.kind === 'command' ? 'starting' : 'serving';
  let command: Agent | undefined;
  let witness: Witness | undefined;
  let isRefused = false;
  let hasExited = false;
  /** The last one that was for the command and ends programs. */
  let last: { signal: NodeJS.Signals; at: number } | undefined;
  let isEnding = false;
  const ending = createDeferred<void>();
  const stop = createDeferred<NodeJS.Signals>();

  for (const signal of caught) {
    process.on(signal, () => {
      if (phase === 'passing') void pass(signal).finally(() => signal === 'SIGTSTP' && suspend());
      else if (signal === 'SIGTSTP') suspend();
      else if (isForUs(signal)) endBy(signal);
    });
  }

  /** One that was ignored at the start (nohup) ends nothing now; before it runs, a command would die of any other. */
  function isForUs(signal: NodeJS.Signals): boolean {
    if (inherited.ignoredSignals.has(signal)) return false;
    return endingSignals.includes(signal) || (phase === 'starting' && !harmlessSignals.includes(signal));
  }

  function end(): void {
    isEnding = true;
    ending.resolve();
  }

  function endBy(signal: NodeJS.Signals): void {
    if (signal === 'SIGINT' && !isEnding) endEchoedLine();
    end();
    stop.resolve(signal);
  }

  function note(signal: NodeJS.Signals): void {
    last = { signal, at: performance.now() };
    if (hasExited) end();
  }

  function isRecent(): boolean {
    return last !== undefined && performance.now() - last.at < withinMs;
  }

  function exited({ signal }: Outcome): void {
    hasExited = true;
    if (last !== undefined && (signal === last.signal || isRecent())) end();
  }

  async function pass(signal: NodeJS.Signals): Promise<void> {
    const endsPrograms = endingSignals.includes(signal);
    const isStuck = command?.log.journal.trouble !== undefined;
    if (endsPrograms && (isRefused || (isStuck && isRecent()))) return endBy(signal);
    if (endsPrograms) note(signal);
    if (await hasItAlready(signal)) return;
    const delivery = command?.kill(signal);
    if (delivery === 'ended' && endsPrograms) endBy(signal);
    if (delivery !== 'refused') return;
    isRefused = true;
    report(`${signal} can't be sent to the command, which runs as another user. The next signal ends only sse-tail.`);
  }

  async function hasItAlready(signal: NodeJS.Signals): Promise<boolean> {
    // On a pseudo-terminal the command is in a session of its own; SIGCONT does no harm twice, and leaves no trace.
    if (isOnPty || signal === 'SIGCONT') return false;
    if (signal === 'SIGWINCH') return isForeground();
    return (await witness?.saw(signal)) === true;
  }

  return {
    stop: stop.promise,
    ending: ending.promise,
    isEnding: () => isEnding,
    passTo(agent, started) {
      phase = 'passing';
      command = agent;
      // Not once it has started: it may have said so, and be sent a signal, before this process knows.
      if (!isOnPty) witness = createWitness(caught.filter((signal) => !harmlessSignals.includes(signal)));
      started.catch(() => witness?.close());
      void agent.exited.then(exited);
      void agent.ended.then(() => {
        phase = 'serving';
        witness?.close();
      });
    },
  };
}

/** Stops this process as if it did not listen: by the default action, so that a shell says what it always says. */
function suspend(): void {
  const listeners = process.listeners('SIGTSTP');
  process.removeAllListeners('SIGTSTP');
  process.kill(process.pid, 'SIGTSTP');
  for (const listener of listeners) process.on('SIGTSTP', listener);
}

/** Resolves with the first signal that ends sse-tail; none other does anything. */
export function endingSignal(): Promise<NodeJS.Signals> {
  return takeSignals({ kind: 'none' }).stop;
}
