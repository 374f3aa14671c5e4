import { closeSync, constants, openSync } from 'node:fs';
import type { ReadStream } from 'node:tty';
import { terminalInput } from '../../../system/terminal.ts';
import { runTool } from '../launch/tool.ts';
import { isForeground } from '../signals/foreground.ts';
import type { Pty } from './pty.ts';
import { createTypist } from './typist.ts';

/** A shell's `fg` sends no signal to a job that runs: how often an agent in the background looks whether it is one. */
const foregroundCheckMs = 300;

/** Standard input, typed into a pseudo-terminal. */
export interface Keyboard {
  /** This terminal is as it was, and what is typed from now on is not taken. */
  disconnect(): void;
}

/**
 * Connects this process's standard input with a pseudo-terminal. A terminal is made raw: every key, Ctrl-C and Ctrl-Z
 * too, means the command. Anything else is typed as it comes, without echo, and its end is Ctrl-D.
 */
export function connectKeyboard(pty: Pty): Keyboard {
  const terminal = terminalInput();
  return terminal === undefined ? connectInput(process.stdin, pty) : connectTerminal(terminal, pty);
}

function connectTerminal(stdin: ReadStream, pty: Pty): Keyboard {
  const type = (bytes: Buffer) => void pty.write(bytes);
  let waiting: NodeJS.Timeout | undefined;

  function restore(): void {
    try {
      stdin.setRawMode(false);
    } catch {
      // It is gone.
    }
  }

  /**
   * In the background this terminal belongs to somebody else. What changed it while we were stopped has to be undone.
   */
  function take(): void {
    clearTimeout(waiting);
    if (!isForeground()) {
      waiting = setTimeout(take, foregroundCheckMs).unref();
      return;
    }
    restore();
    stdin.setRawMode(true);
    stdin.on('data', type);
    // Raw mode in Node still makes CR LF of every LF, but the bytes that are copied have been through that already.
    void setMode('-opost', 'inherit');
  }

  function takeAgain(): void {
    stdin.off('data', type);
    take();
  }

  process.on('exit', restore);
  process.on('SIGTSTP', restore);
  process.on('SIGCONT', takeAgain);
  // A terminal that is gone is no reason to end: the command gets its hang-up.
  stdin.on('error', () => {});
  take();
  return {
    disconnect() {
      clearTimeout(waiting);
      process.off('exit', restore);
      process.off('SIGTSTP', restore);
      process.off('SIGCONT', takeAgain);
      stdin.off('data', type);
      stdin.pause();
      restore();
    },
  };
}

function connectInput(stdin: NodeJS.ReadStream, pty: Pty): Keyboard {
  void passOn();
  return { disconnect: () => void stdin.destroy() };

  async function passOn(): Promise<void> {
    const slave = openTerminal(pty.path);
    const typist = createTypist(pty, async () => slave === undefined || readsLines(slave));
    try {
      // What is piped in is not shown, as it would not be without a terminal.
      if (slave !== undefined) await setMode('-echo', slave);
      for await (const bytes of stdin) await typist.type(bytes);
    } catch {
      // Destroyed by `disconnect`, or it can't be read: its end, too.
    } finally {
      if (slave !== undefined) closeSync(slave);
    }
    await typist.end();
  }
}

/** Undefined where no descriptors are left: its modes are then what they are. */
function openTerminal(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
}

/** Whether the terminal keeps what is typed until a line is complete. */
async function readsLines(slave: number): Promise<boolean> {
  const { stdout } = await runTool('stty', ['-a'], { stdin: slave as 3, reject: false });
  return /(?<!-)\bicanon\b/.test(stdout ?? '');
}

/**
 * At once, where stty can do that (coreutils 8.31): else it waits until the terminal is not being written to, and a
 * terminal whose reader is behind may be written to for ever.
 */
async function setMode(mode: string, terminal: 'inherit' | number): Promise<void> {
  // execa takes any descriptor; its types stop at 9.
  const options = { stdin: terminal as 3, reject: false } as const;
  const { failed } = await runTool('stty', ['-drain', mode], options);
  if (failed) await runTool('stty', [mode], options);
}
