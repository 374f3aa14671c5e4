import { closeSync, createWriteStream, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createFileStore } from '../../agent/journal/disk/logs/file-store.ts';
import { segmentName } from '../../agent/journal/disk/segment/segment.ts';
import { append } from '../support/journal.ts';
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

/** Logs of other files and commands, as agents that have ended leave them. */
export async function keepLogs(dir: string, count: number): Promise<void> {
  const store = await createFileStore({ dir });
  for (let i = 0; i < count; i++) {
    const cwd = `/srv/${i}`;
    const paths = i % 2 === 0 ? [`${cwd}/app.log`] : undefined;
    const log = await store.create(
      paths === undefined
        ? { kind: 'command', name: 'npm run build', argv: ['npm', 'run', 'build'], cwd }
        : { kind: 'file', name: 'app.log', paths, cwd },
    );
    log.setStatus({ state: 'stopped' });
    await append(log.journal, ['a line']);
    await log.close();
  }
  await store.close();
}

/**
 * Makes the log of an empty file as large as asked for: its newest segment has what `write` writes to the file, and
 * those before it, which are listed and not read, are holes.
 */
export async function growSparsely({ folder, path }: FollowedFile, bytes: number, write: () => void): Promise<void> {
  const run = async () => (await startSseTail(['-n', 'all', ...retain, path], { folder })).close();
  await run();
  const dir = onlyLogDir(stateDir(folder)) as string;
  const segment = 64 * 1024 ** 2;
  const lines = 500_000;
  const older = Math.floor(bytes / segment) - 1;
  const newest = 1 + older * lines;
  writeFileSync(join(dir, segmentName(newest)), '');
  write();
  const server = await startSseTail(['-n', 'all', ...retain, path], { folder });
  await journalReaches(stateDir(folder), newest + 1);
  await server.close();
  for (let i = 0; i < older; i++) {
    const hole = join(dir, segmentName(1 + i * lines));
    writeFileSync(hole, '');
    truncateSync(hole, segment);
  }
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
