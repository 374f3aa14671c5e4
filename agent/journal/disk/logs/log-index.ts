import { constants } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { LogInfo } from '../../../words/log.ts';
import { ifUnreadable, keptRecord, type LogRecord } from './log-file.ts';
import { logDirectory, namesInStateDir } from './state-dir.ts';

/**
 * What a start has to know of each kept log, without a look at each `log.json`. An index beside the logs remembers it,
 * by id, as what a log is never changes. The truth is in `log.json`: who acts on an entry reads that of the log it
 * names, and a log that the index does not name is read itself. So an index that is old, lost or damaged costs time.
 */
export interface IndexedLog {
  createdAt: number;
  /** What it is found by, as a checksum: different ones may be the same. */
  key: string;
}

/** No log id begins like this. */
const fileName = '.index';

/** So few logs are read at every start rather than written down. */
const worthWriting = 16;

/** How many records are read at the same time: one by one each would wait four times for the thread pool. */
const readAtOnce = 64;

/** The key of logs that follow exactly these paths, in any order: the shell may have sorted a glob's matches. */
export function pathsKey(paths: readonly string[]): string {
  return `p${crc32([...paths].sort().join('\0')).toString(36)}`;
}

/** The key of the persistent log of a name. */
export function nameKey(name: string): string {
  return `${persistentSign}${crc32(name).toString(36)}`;
}

const persistentSign = 'n';

export function isPersistent({ key }: IndexedLog): boolean {
  return key.startsWith(persistentSign);
}

function entryOf({ createdAt, kind, lasting, name, paths }: LogInfo): IndexedLog {
  if (lasting) return { createdAt, key: nameKey(name) };
  return { createdAt, key: kind === 'file' && paths !== undefined ? pathsKey(paths) : '' };
}

/** The logs that are kept; without those whose record can't be read or is not there yet. */
export interface LogIndex {
  get(id: string): IndexedLog | undefined;
  /** Ids of the logs that may be what the key is made of, newest first. */
  newestOf(key: string): string[];
  /** Writes it down where that spares the next start enough. */
  save(): Promise<void>;
}

/** @throws SseTailError kind `journal` when the state dir can't be read */
export async function readLogIndex(dir: string): Promise<LogIndex> {
  const [names, written] = await Promise.all([namesInStateDir(dir), readWritten(dir)]);
  const logs = new Map<string, IndexedLog>();
  const unknown: string[] = [];
  for (const name of names) {
    const entry = written.get(name);
    if (entry === undefined) unknown.push(name);
    else logs.set(name, entry);
  }
  const gone = written.size - logs.size;
  const found = await readRecords(dir, unknown);
  for (const { info } of found) logs.set(info.id, entryOf(info));

  return {
    get: (id) => logs.get(id),
    newestOf(key) {
      const matching = [...logs].filter(([, log]) => log.key === key);
      return matching.sort(([, a], [, b]) => b.createdAt - a.createdAt).map(([id]) => id);
    },
    async save() {
      if (found.length + gone >= worthWriting) await write(dir, logs);
    },
  };
}

async function readRecords(dir: string, ids: readonly string[]): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (let at = 0; at < ids.length; at += readAtOnce) {
    const several = ids.slice(at, at + readAtOnce).map(async (id) => {
      const directory = await logDirectory(dir, id);
      return directory === undefined ? undefined : await keptRecord(directory).catch(ifUnreadable);
    });
    for (const record of await Promise.all(several)) if (record !== undefined) records.push(record);
  }
  return records;
}

/** The draft's name is the same for all: what two of them write at once is found by the checksum. */
async function write(dir: string, logs: ReadonlyMap<string, IndexedLog>): Promise<void> {
  const path = join(dir, fileName);
  const draft = `${path}.draft`;
  const text = JSON.stringify([...logs].map(([id, { createdAt, key }]) => [id, createdAt, key]));
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
  const handle = await open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
  try {
    await handle.writeFile(`${head(text)}${text}`);
  } finally {
    await handle.close();
  }
  await rename(draft, path);
}

/** None where there is none or where it is damaged. */
async function readWritten(dir: string): Promise<Map<string, IndexedLog>> {
  const written = await readFile(join(dir, fileName), 'utf8').catch(() => '');
  const text = written.slice(written.indexOf(lf) + 1);
  if (text === '' || written !== `${head(text)}${text}`) return new Map();
  try {
    const entries = JSON.parse(text) as [id: string, createdAt: number, key: string][];
    return new Map(entries.map(([id, createdAt, key]) => [id, { createdAt, key }]));
  } catch {
    // Another version may have written it.
    return new Map();
  }
}

const lf = '\n';

function head(text: string): string {
  return `sse-tail index 1 ${crc32(text).toString(16)}${lf}`;
}
