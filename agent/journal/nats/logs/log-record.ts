import type { KvEntry } from '@nats-io/kv';
import { defined } from '../../../words/defined.ts';
import { isFinished, isLogId, type LogInfo, type LogStatus, type LogSummary } from '../../../words/log.ts';
import { tokenOf } from '../cluster/layout.ts';
import type { StoredEnd } from '../cluster/stored-end.ts';
import type { Epoch } from '../message/epochs.ts';

/** What the bucket has of a log: put there by the agent that writes it, watched by every gateway. */
export interface SharedRecord {
  version: 1;
  info: LogInfo;
  status: LogStatus;
  sources: string[];
  /** Ids of the first line that the agent still has, and of the last one that it has published. */
  first: number;
  last: number;
  /** Bytes that the agent keeps. */
  size: number;
  epochs: Epoch[];
  /** Why the agent can't write lines, one sentence; without it, it can. */
  trouble?: string;
  /** Of the last message that the agent has stored: tells lines that retention took from those that were lost. */
  end?: StoredEnd;
}

/** Its key in the bucket. */
export function recordKey(log: string): string {
  return `${keyHead}${tokenOf(log)}`;
}

export const keyHead = 'log.';

/** While it writes, an agent puts its record there this often, whether anything has changed or not. */
export const heartbeatMs = 2 * 60_000;
/** So old, a bucket has the record of each log that an agent writes: those that come late had to wait for the store. */
export const fillMs = heartbeatMs + 30_000;
/** Without one for this long its log counts as stopped. */
const silenceMs = 5 * heartbeatMs;

/** What the bucket has of a log, and when it was put there by the server's clock, in milliseconds since the epoch. */
export interface KnownRecord {
  record: SharedRecord;
  putAt: number;
}

/** More of a name, which may be a whole command line, no list shows. */
const mostNamed = 200;

/**
 * A record as the bucket gets it. Readers can do without some of it where the server does not take all of it: the names
 * of ten thousand sources, which lines have as well, and a command line of a megabyte.
 *
 * @param fits whether the server takes a text
 */
export function recordText(record: SharedRecord, fits: (text: string) => boolean): string {
  const withoutSources = { ...record, sources: [] };
  const { argv, paths, operands, ...info } = record.info;
  const shortened = {
    ...info,
    name: beginningOf(info.name),
    ...defined({ title: info.title && beginningOf(info.title) }),
  };
  let text = '';
  for (const one of [record, withoutSources, { ...withoutSources, info: shortened }]) {
    text = JSON.stringify(one);
    if (fits(text)) break;
  }
  return text;
}

function beginningOf(text: string): string {
  return text.length > mostNamed ? `${text.slice(0, mostNamed).toWellFormed()}…` : text;
}

/** As the agent said, unless it has said nothing for long. @param now by the server's clock */
export function statusIn({ record, putAt }: KnownRecord, now: number): LogStatus {
  const { status } = record;
  return !isFinished(status) && now - putAt > silenceMs ? { state: 'stopped' } : status;
}

/** Of each record as it stood last: a hundred thousand are asked for every second, and few of them have changed. */
const summaries = new WeakMap<KnownRecord, LogSummary>();

/** @param now by the server's clock */
export function summaryIn(known: KnownRecord, now: number): LogSummary {
  const status = statusIn(known, now);
  const before = summaries.get(known);
  if (before?.status.state === status.state) return before;
  const { info, first, last, size } = known.record;
  const summary = { ...info, status, size, first, last, updatedAt: known.putAt };
  summaries.set(known, summary);
  return summary;
}

/** Undefined for what was deleted, and for what no version of sse-tail that is known here has put there. */
export function recordIn(entry: Pick<KvEntry, 'key' | 'operation' | 'string'> | null): SharedRecord | undefined {
  return entry?.operation === 'PUT' ? parseRecord(entry.string(), entry.key) : undefined;
}

/** Undefined for what is none, or the record of a log with another key. */
export function parseRecord(text: string, key: string): SharedRecord | undefined {
  try {
    const record: unknown = JSON.parse(text);
    return isRecord(record) && recordKey(record.info.id) === key ? record : undefined;
  } catch {
    return undefined;
  }
}

type Unknown<Type> = Partial<Record<keyof Type, unknown>> | null | undefined;

/** One that is not would break the list of all the others. */
function isRecord(value: unknown): value is SharedRecord {
  const record = value as Unknown<SharedRecord>;
  const info = record?.info as Unknown<LogInfo>;
  const status = record?.status as Unknown<LogStatus>;
  if (record?.version !== 1 || typeof info?.id !== 'string' || !isLogId(info.id)) return false;
  return (
    (record.end === undefined || isEnd(record.end)) &&
    [info.kind, info.name, info.cwd, status?.state, record.trouble ?? ''].every((text) => typeof text === 'string') &&
    [info.createdAt, record.first, record.last, record.size].every(isCount) &&
    Array.isArray(record.sources) &&
    record.sources.every((source) => typeof source === 'string') &&
    Array.isArray(record.epochs) &&
    record.epochs.every((one: Unknown<Epoch>) => isCount(one?.epoch) && isCount(one?.from))
  );
}

function isEnd(value: unknown): value is StoredEnd {
  const end = value as Unknown<StoredEnd>;
  return typeof end?.created === 'string' && [end.seq, end.lastId, end.offset].every(isCount);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
