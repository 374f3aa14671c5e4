import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { within } from '../../support/deadline.ts';
import { hasEnded, start, stop } from '../processes.ts';
import type { WriterTask } from './writer-process.ts';

/** A process that appends lines to a file at a steady pace. */
export interface Writer {
  /** Writes; resolves after the last line. */
  run(): Promise<void>;
  close(): Promise<void>;
}

const program = fileURLToPath(new URL('./writer-process.ts', import.meta.url));

export async function startWriter(task: WriterTask): Promise<Writer> {
  const child = start(process.execPath, ['--import', 'tsx', program, JSON.stringify(task)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await within('start of a writer', once(child, 'message'));
  return {
    async run() {
      const done = once(child, 'message');
      child.send('go');
      await within('end of a writer', done, 10_000 + (task.lines / task.perSecond) * 2000);
    },
    async close() {
      if (!hasEnded(child)) await stop(child, 'SIGKILL');
    },
  };
}

/** Appends all of it as fast as the file system takes it. */
export function appendAtOnce(path: string, bytes: Buffer): void {
  const file = openSync(path, 'a');
  const block = 1024 * 1024;
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, Math.min(block, bytes.length - at));
  closeSync(file);
}
