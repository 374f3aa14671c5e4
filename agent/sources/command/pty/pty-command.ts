import { setTimeout as sleep } from 'node:timers/promises';
import { terminalInput } from '../../../system/terminal.ts';
import { causeOf, SseTailError } from '../../../words/errors.ts';
import type { WindowSize } from '../../source.ts';
import { asInherited } from '../launch/as-inherited.ts';
import { checkProgram, notRunnable } from '../launch/program.ts';
import type { CommandLine, CommandOutput, RunningCommand } from '../launch/running-command.ts';
import { deliver } from '../signals/deliver.ts';
import type { ForkOptions } from './fork.ts';
import { connectKeyboard } from './keyboard.ts';
import { openPty, type Pty } from './pty.ts';
import { createTerminalAnswers } from './terminal-answers.ts';
import { onWindowResize, windowSize } from './window-size.ts';

/** A command that survives SIGPIPE gets this long before its terminal is hung up. */
const hangUpAfterMs = 1000;

/**
 * Runs a command on a pseudo-terminal as large as this terminal, or as `fixed` says, with this process's standard input
 * typed into it.
 * @throws SseTailError kind `source`; its `facts.exitCode` is 127 (not found) or 126 (found, can't be run). Kind
 * `usage` where there are no pseudo-terminals
 */
export async function startOnPty(
  { argv, shell, cwd, env, inherited }: CommandLine,
  fixed?: WindowSize,
): Promise<RunningCommand> {
  checkProgram(argv[0] ?? '', env.PATH, cwd);
  const size = { ...(fixed ?? windowSize(env)) };
  const { descriptors } = inherited;
  const commandLine = asInherited(argv, env, inherited, descriptors.length > 0);
  const pty = open(argv[0] ?? '', { argv: commandLine, cwd, env: terminalEnv(env), size, descriptors });
  const stopResizing =
    fixed === undefined ? onWindowResize(() => Object.assign(size, windowSize(env)) && pty.resize(size)) : () => {};
  const keyboard = connectKeyboard(pty);
  void pty.exit.then(() => {
    stopResizing();
    keyboard.disconnect();
  });
  const kill = killerOf(pty, shell);
  return { exit: pty.exit, outputs: [outputOf(pty, size, kill)], kill, leave: () => {} };
}

function open(program: string, options: ForkOptions): Pty {
  try {
    return openPty(options);
  } catch (error) {
    // The native part's own sentences have a full stop.
    throw error instanceof SseTailError ? error : notRunnable(program, causeOf(error).replace(/\.$/, ''), error);
  }
}

type Kill = RunningCommand['kill'];

function killerOf({ pid, exit }: Pty, isShell: boolean): Kill {
  let hasEnded = false;
  void exit.then(() => {
    hasEnded = true;
  });
  return (signal) => {
    // Afterwards the id may be another process's.
    if (hasEnded) return 'ended';
    // What a terminal sends by a key goes to the whole foreground group, and sse-tail got it in the command's place.
    const isKey = signal === 'SIGINT' || signal === 'SIGQUIT';
    return deliver(isShell || isKey ? -pid : pid, signal);
  };
}

function outputOf(pty: Pty, size: WindowSize, kill: Kill): CommandOutput {
  // A terminal that is there answers itself.
  const answers = terminalInput() === undefined ? createTerminalAnswers(size) : undefined;
  return {
    stream: 'stdout',
    terminal: () => size,
    async read(take) {
      for await (const chunk of pty.output) {
        const answer = answers?.answersTo(chunk);
        if (answer !== undefined) void pty.write(answer);
        await take(chunk);
      }
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
