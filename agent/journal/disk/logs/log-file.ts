import { constants } from 'node:fs';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { causeOf, errorCode, SseTailError } from '../../../words/errors.ts';
import type { LogInfo, LogStatus } from '../../../words/log.ts';
import type { FilePosition } from '../../../words/position.ts';

/** What `log.json` holds. */
export interface LogRecord {
  info: LogInfo;
  status: LogStatus;
  sources: string[];
  /** See `WritableLog.beginnings`. */
  beginnings: FilePosition[];
  /** See `WritableLog.epoch`. */
  epoch?: number | undefined;
}

const fileName = 'log.json';
const formatVersion = 1;
const retryMs = 2000;
/** Of fifteen digits, with room for as many writers as may follow. */
const mostEpoch = 999_999_000_000_000;

/** Keeps a log's record in its directory; only who holds the log's lock writes it. */
export interface LogFile {
  /** Writes the record soon; later calls before that are one write. */
  save(): void;
  /** Resolves when what was saved is written; rejects when it can't be. */
  flush(): Promise<void>;
}

/** @param record read anew at each write */
export function createLogFile(dir: string, record: () => LogRecord): LogFile {
  let wanted = false;
  let writing: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;

  async function writeAll(): Promise<void> {
    try {
      while (wanted) {
        wanted = false;
        await writeRecord(dir, record());
      }
    } catch (error) {
      wanted = true;
      throw error;
    } finally {
      writing = undefined;
    }
  }

  function flush(): Promise<void> {
    clearTimeout(retry);
    if (wanted) writing ??= writeAll();
    return writing ?? Promise.resolve();
  }

  function save(): void {
    wanted = true;
    // A full disk: the lines wait for it with a message, this follows once it works.
    flush().catch(() => {
      retry = setTimeout(save, retryMs).unref();
    });
  }

  return { save, flush };
}

/** When the record was written last, in milliseconds since the epoch; 0 where there is none. */
export async function recordWrittenMs(dir: string): Promise<number> {
  return (await stat(join(dir, fileName)).catch(() => undefined))?.mtimeMs ?? 0;
}

/**
 * The record of the log in `dir`; made up from its directory where log.json is missing or can't be understood.
 *
 * @throws SseTailError kind `journal` where it can't be read
 */
export async function readRecord(dir: string): Promise<LogRecord> {
  return (await keptRecord(dir)) ?? (await madeUp(dir));
}

/** A record, and why it says no more than the log's directory does; for viewers, without a path. */
export interface RecordForReaders {
  record: LogRecord;
  unrecorded?: string;
}

/**
 * As `readRecord`, also where it can't be read: its log's lines can be.
 *
 * @param known what it was before, which stays true where it can't be read any more
 */
export async function readRecordForReaders(dir: string, known?: LogRecord): Promise<RecordForReaders> {
  const instead = async () => known ?? (await madeUp(dir));
  const unread = async (why: string) => ({
    record: await instead(),
    unrecorded: `What is known about this log can't be read: ${why}.`,
  });
  try {
    const text = await recordText(dir);
    if (text === undefined) return { record: await instead() };
    const record = parseRecord(text, basename(dir));
    return record === undefined ? await unread('it is damaged, or from a newer sse-tail') : { record };
  } catch (error) {
    ifUnreadable(error);
    const { cause } = error as SseTailError;
    const why = causeOf(cause);
    // Of a kind that has no words here the system's own name the path.
    return unread(why.includes(dir) ? `${errorCode(cause)}` : why);
  }
}

async function madeUp(dir: string): Promise<LogRecord> {
  const id = basename(dir);
  const createdAt = Math.round((await stat(dir)).mtimeMs);
  const info: LogInfo = { id, kind: 'stdin', name: id, cwd: '', createdAt };
  return { info, status: { state: 'stopped' }, sources: [], beginnings: [] };
}

/**
 * The record in log.json, undefined where that is missing or can't be understood.
 *
 * @throws SseTailError kind `journal` where it can't be read
 */
export async function keptRecord(dir: string): Promise<LogRecord | undefined> {
  const text = await recordText(dir);
  return text === undefined ? undefined : parseRecord(text, basename(dir));
}

/** Undefined where there is none. */
async function recordText(dir: string): Promise<string | undefined> {
  const path = join(dir, fileName);
  return await readFile(path, 'utf8').catch((error) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new SseTailError('journal', `${path} can't be read: ${causeOf(error)}.`, { path }, error);
  });
}

/** As `readRecord`; undefined where it can't be read, which is no reason to hold up what is about other logs, too. */
export function recordIfReadable(dir: string): Promise<LogRecord | undefined> {
  return readRecord(dir).catch(ifUnreadable);
}

export function ifUnreadable(error: unknown): undefined {
  if (error instanceof SseTailError && error.kind === 'journal') return undefined;
  throw error;
}

async function writeRecord(dir: string, { info, ...state }: LogRecord): Promise<void> {
  const path = join(dir, fileName);
  const draft = `${path}.draft`;
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
  const handle = await open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
  try {
    await handle.writeFile(`${JSON.stringify({ version: formatVersion, ...info, ...state }, null, 2)}\n`);
  } finally {
    await handle.close();
  }
  await rename(draft, path);
}

/** The directory's name rules over an id in the file: a copied directory is a log of its own. */
function parseRecord(text: string, id: string): LogRecord | undefined {
  try {
    const { version, status, sources, beginnings, epoch, ...info } = JSON.parse(text);
    if (version !== formatVersion || !isInfo(info) || !isStatus(status)) return undefined;
    return {
      info: { ...info, id },
      status,
      sources: listOf(sources, isText),
      beginnings: listOf(beginnings, isPosition),
      ...(isEpoch(epoch) && { epoch }),
    };
  } catch {
    return undefined;
  }
}

/**
 * Anybody may have written there, and a disk may have changed a byte: what is used further on is what it is declared to
 * be.
 */
function isInfo(info: Record<string, unknown>): info is Omit<LogInfo, 'id'> & Record<string, unknown> {
  const { kind, name, title, lasting, paths, operands, start, argv, cwd, createdAt } = info;
  const isNamed = (kind === 'file' || kind === 'command' || kind === 'stdin') && isText(name) && isText(cwd);
  const hasTexts = [title, start].every((value) => value === undefined || isText(value));
  const hasLists = [paths, operands, argv].every(
    (value) => value === undefined || (Array.isArray(value) && value.every(isText)),
  );
  return isNamed && hasTexts && hasLists && (lasting === undefined || lasting === true) && isTime(createdAt);
}

function isStatus(status: { [Name in string]?: unknown } | null): status is LogStatus {
  switch (status?.state) {
    case 'following':
    case 'waiting':
    case 'stopped':
      return true;
    case 'running':
      return isTime(status.startedAt);
    case 'exited': {
      const { code, signal, startedAt, endedAt } = status;
      const hasOutcome = (code === null || Number.isInteger(code)) && (signal === null || isText(signal));
      return hasOutcome && isTime(startedAt) && isTime(endedAt);
    }
    default:
      return false;
  }
}

function isPosition(value: unknown): value is FilePosition {
  const { source, path, file, offset, head } = (value ?? {}) as Partial<FilePosition>;
  const { length, crc } = head ?? {};
  return [source, path, file].every(isText) && [offset, length, crc].every((number) => Number.isSafeInteger(number));
}

/** One that messages have no room for would end the log for all agents. */
function isEpoch(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= mostEpoch;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** Milliseconds since the epoch that a Date can hold (ECMA-262, 21.4.1.1). */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15;
}

function listOf<Item>(value: unknown, isItem: (value: unknown) => value is Item): Item[] {
  return Array.isArray(value) ? value.filter(isItem) : [];
}
