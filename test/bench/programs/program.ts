import type { ChildProcess } from 'node:child_process';
import type { Target } from '../load/target.ts';
import { start, stop } from '../processes.ts';

/** Something that shows a file, or what a command prints, to clients: sse-tail, a floor or a peer. */
export interface Program {
  name: ProgramName;
  /** Follows a file from its first line on. */
  follow(path: string, folder: string): Promise<Server>;
  /** Runs a command, at once or when the first client comes, and streams what it prints. */
  run(argv: string[], folder: string): Promise<Server>;
  /** Serves the bytes of a file. */
  serve(path: string, folder: string): Promise<Server>;
  /** Loses lines when they are many, so that waiting for the last one may be in vain. */
  isLossy?: true;
}

export type ProgramName = 'sse-tail' | 'floor' | 'express' | 'websocketd' | 'frontail' | 'nginx' | 'createReadStream';

/** What a program can't do, it refuses. */
export function createProgram(abilities: Pick<Program, 'name'> & Partial<Program>): Program {
  const refuse = () => Promise.reject(new Error(`${abilities.name} can't do this`));
  return { follow: refuse, run: refuse, serve: refuse, ...abilities };
}

/** A running program. */
export interface Server {
  pid: number;
  target: Target;
  close(): Promise<void>;
}

/** A server of a process that was started. */
export function serverOf(child: ChildProcess, target: Target): Server {
  return { pid: child.pid as number, target, close: () => stop(child) };
}

/**
 * Starts a Node program of the benchmark's own that prints the port on which it listens.
 * @throws Error when it ends instead
 */
export async function startNode(program: string, args: string[], target: Omit<Target, 'port'>): Promise<Server> {
  const child = start(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = Number(await firstMatch(child, 'stdout', /^(\d+)\n/));
  return serverOf(child, { ...target, port });
}

/** What a process prints that matches, once it has printed it; its output is read (and dropped) from then on. */
export function firstMatch(
  child: ChildProcess,
  output: 'stdout' | 'stderr',
  pattern: RegExp,
  ms = 15_000,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    let isFound = false;
    const fail = (why: string) => reject(new Error(`${child.spawnargs.join(' ')} ${why}: ${text.slice(-1000)}`));
    const timer = setTimeout(() => fail(`has not printed ${pattern} within ${ms} ms`), ms);
    child[output]?.on('data', (chunk: Buffer) => {
      if (isFound) return;
      text += chunk.toString();
      const match = pattern.exec(text);
      if (match === null) return;
      isFound = true;
      clearTimeout(timer);
      resolve(match[1] ?? match[0]);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with ${code}`);
    });
  });
}
