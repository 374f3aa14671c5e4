import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome, WindowSize } from '../../source.ts';
import { checkProgram } from '../launch/program.ts';
import type { CommandOutput, RunningCommand } from '../launch/running-command.ts';
import { connectKeyboard } from './keyboard.ts';
import { openPty, type Pty } from './pty.ts';
import { onWindowResize, windowSize } from './window-size.ts';

export interface PtyCommandOptions {
  /** Program and arguments, passed as they are. */
  argv: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
}

/** A command that survives SIGPIPE gets this long before its terminal is hung up. */
const hangUpAfterMs = 1000;

/**
 * Runs a command on a pseudo-terminal as large as this terminal, with this process's standard input typed into it.
 * @throws SseTailError kind `source`; its `facts.exitCode` is 127 (not found) or 126 (found, can't be run). Kind `usage`
 * where there are no pseudo-terminals
 */
export async function startOnPty({ argv, cwd, env }: PtyCommandOptions): Promise<RunningCommand> {
  checkProgram(argv[0] ?? '', env.PATH, cwd);
  const size = windowSize(env);
  const pty = openPty({ argv, cwd, env: terminalEnv(env), size });
  const stopResizing = onWindowResize(() => Object.assign(size, windowSize(env)) && pty.resize(size));
  const keyboard = connectKeyboard(pty);
  void pty.exit.then(() => {
    stopResizing();
    keyboard.disconnect();
  });
  const kill = killerOf(pty);
  return { exit: pty.exit, outputs: [outputOf(pty, size, kill)], kill };
}

type Kill = (signal: NodeJS.Signals) => void;

function killerOf({ pid, exit }: Pty): Kill {
  let outcome: Outcome | undefined;
  void exit.then((ended) => {
    outcome = ended;
  });
  return (signal) => {
    // Afterwards the id may be another process's.
    if (outcome !== undefined) return;
    // What a terminal sends by a key goes to the whole foreground group, and sse-tail got it in the command's place.
    const isKey = signal === 'SIGINT' || signal === 'SIGQUIT';
    try {
      process.kill(isKey ? -pid : pid, signal);
    } catch {
      // It has ended, and that isn't known yet.
    }
  };
}

function outputOf(pty: Pty, size: WindowSize, kill: Kill): CommandOutput {
  return {
    stream: 'stdout',
    terminal: () => size,
    async read(take) {
      for await (const chunk of pty.output) await take(chunk);
    },
    get isComplete() {
      return pty.isComplete;
    },
    cut: pty.cut,
    async lostReader() {
      kill('SIGPIPE');
      const hasEnded = await Promise.race([pty.exit.then(() => true), sleep(hangUpAfterMs, false)]);
      if (!hasEnded) pty.cut();
    },
  };
}

/** The terminal itself says how large it is: what these variables say would be wrong after the first change. */
function terminalEnv({ COLUMNS, LINES, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...env,
    TERM: env.TERM && env.TERM !== 'dumb' ? env.TERM : 'xterm-256color',
    COLORTERM: env.COLORTERM ?? 'truecolor',
  };
}
