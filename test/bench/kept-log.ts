import { closeSync, createWriteStream, openSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Bench } from './bench.ts';
import { journalReaches, onlyLogDir } from './journal-watch.ts';
import { encodeLines, nowUs } from './lines.ts';
import type { Server } from './programs/program.ts';
import { startSseTail, stateDir } from './programs/sse-tail.ts';

/** More than any log of the benchmark: retention is not what is measured. */
const retain = ['--retain', '8GiB'];

export interface FollowedFile {
  folder: string;
  path: string;
}

/** A file of so many lines in a folder of its own. */
export function fileOfLines(bench: Bench, lines: number): FollowedFile {
  const folder = bench.folder();
  const path = join(folder, 'app.log');
  const file = openSync(path, 'w');
  const most = 500_000;
  for (let first = 1; first <= lines; first += most) {
    writeSync(file, encodeLines(first, Math.min(most, lines - first + 1), nowUs()));
  }
  closeSync(file);
  return { folder, path };
}

/** Follows the file in its folder; resolves when all its lines are in the journal. */
export async function followAll({ folder, path }: FollowedFile, lines: number): Promise<Server> {
  const server = await startSseTail(['-n', 'all', ...retain, path], { folder });
  await journalReaches(stateDir(folder), lines);
  return server;
}

/** The id of the only log kept in the folder. */
export function logIdIn(folder: string): string {
  const dir = onlyLogDir(stateDir(folder));
  if (dir === undefined) throw new Error(`no log in ${folder}`);
  return basename(dir);
}

/** What the agent answers, as a file: what other servers have to serve for the same result. */
export async function answerAsFile({ target }: Server, path: string, to: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${target.port}${path}`);
  await pipeline(response.body as ReadableStream<Uint8Array>, createWriteStream(to));
}
