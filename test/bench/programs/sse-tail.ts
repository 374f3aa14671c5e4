import type { SpawnOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { program as built } from '../../support/built-program.ts';
import { start, stop } from '../processes.ts';
import { createProgram, firstMatch, type Program, type Server, serverOf } from './program.ts';

/** The program that is measured: the build here, or another one to compare with (`--program`). */
let program = built;

export function measureProgram(path: string): void {
  program = resolve(path);
}

/** The built program, as users run it. */
export const sseTail: Program = createProgram({
  name: 'sse-tail',
  follow: (path, folder) => startSseTail(['-n', 'all', path], { folder }),
  run: (argv, folder) => startSseTail(['-q', '--linger', 'forever', '--', ...argv], { folder }),
});

export interface SseTailOptions {
  /** Its home; logs are kept in `<folder>/logs`. */
  folder: string;
  port?: number;
  /** Variables beside those that it needs. */
  env?: NodeJS.ProcessEnv;
}

export interface Agent extends Server {
  /** As `kill -9`. */
  kill(): Promise<void>;
}

/** Starts it; resolves when it has printed its URL. */
export async function startSseTail(args: string[], options: SseTailOptions): Promise<Agent> {
  const { child, url } = launchSseTail(args, options);
  const port = Number(new URL(await url).port);
  const server = serverOf(child, { protocol: 'sse', path: '/events', port });
  return { ...server, kill: () => stop(child, 'SIGKILL') };
}

export function launchSseTail(args: string[], { folder, port = 0, env = {} }: SseTailOptions) {
  if (!existsSync(program)) throw new Error(`${program} is not there: npm run build:agent`);
  const spawnOptions: SpawnOptions = {
    cwd: folder,
    env: { ...env, HOME: folder, SSE_TAIL_DIR: stateDir(folder), SSE_TAIL_PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  };
  const child = start(process.execPath, [program, ...args], spawnOptions);
  return { child, url: firstMatch(child, 'stderr', /(http:\/\/127\.0\.0\.1:\d+\/)/) };
}

export function stateDir(folder: string): string {
  return join(folder, 'logs');
}
