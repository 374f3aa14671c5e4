import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { openPty } from '../../agent/sources/command/pty/pty.ts';
import type { Outcome, WindowSize } from '../../agent/sources/source.ts';
import { refuseComplaints } from './agent-process.ts';
import { program } from './built-program.ts';
import { until, within } from './deadline.ts';
import { execFileSync } from './sync-child.ts';

/**
 * The built program as somebody at a terminal runs it. Its disposal fails when something went wrong inside that it
 * didn't expect.
 */
export interface AgentTerminal extends AsyncDisposable {
  /** Of what was started there, and of its process group. */
  readonly pid: number;
  /** What the terminal has been sent so far. */
  readonly text: string;
  type(text: string): Promise<void>;
  resize(size: WindowSize): void;
  /** The terminal's modes, as `stty -a` tells them: `-echo`, `icanon` … */
  modes(): string[];
  url(): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  ended(deadlineMs?: number): Promise<Outcome>;
  /** The terminal is gone. */
  hangUp(): Promise<void>;
}

/** `script` is run by a shell, for which `$sse_tail` is the program. */
export function startAtTerminal(stateDir: string, script: string): AgentTerminal {
  const pty = openPty({
    argv: ['sh', '-c', script],
    cwd: stateDir,
    env: {
      PATH: process.env.PATH,
      TERM: 'xterm-256color',
      HOME: stateDir,
      SSE_TAIL_DIR: join(stateDir, 'logs'),
      SSE_TAIL_PORT: '0',
      sse_tail: `${process.execPath} ${program}`,
    },
    descriptors: [],
    size: { columns: 100, rows: 30 },
  });
  // Keeps the terminal there after the program has left it.
  const slave = openSync(pty.path, constants.O_RDWR | constants.O_NOCTTY);
  let text = '';
  const reading = (async () => {
    for await (const chunk of pty.output) text += chunk.toString();
  })();

  let isHungUp = false;
  async function hangUp(): Promise<void> {
    if (isHungUp) return;
    isHungUp = true;
    pty.cut();
    closeSync(slave);
    await within('the end of what the terminal was sent', reading);
  }

  return {
    pid: pty.pid,
    get text() {
      return text;
    },
    type: (keys) => pty.write(Buffer.from(keys)),
    resize: pty.resize,
    modes: () => execFileSync('stty', ['-a'], { stdio: [slave, 'pipe', 'inherit'], encoding: 'utf8' }).split(/[\s;]+/),
    url: () => until('the URL', () => /http:\/\/\S+/.exec(text)?.[0]),
    kill: (signal) => process.kill(pty.pid, signal),
    ended: (deadlineMs) => within('the end of sse-tail', pty.exit, deadlineMs),
    hangUp,
    async [Symbol.asyncDispose]() {
      await hangUp();
      // It writes what it has to keep before it ends, into a folder that the test removes.
      await within('the end after a hangup', pty.exit);
      refuseComplaints(text);
    },
  };
}
