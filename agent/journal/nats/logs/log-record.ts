import type { LogInfo, LogStatus, LogSummary } from '../../../words/log.ts';
import { tokenOf } from '../layout.ts';
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
}

/** Its key in the bucket. */
export function recordKey(log: string): string {
  return `${keyHead}${tokenOf(log)}`;
}

export const keyHead = 'log.';

/** While it writes, an agent puts its record there this often, whether anything has changed or not. */
export const heartbeatMs = 2 * 60_000;
/** Without one for this long its log counts as stopped. */
const silenceMs = 5 * heartbeatMs;

/** As the agent said, unless it has said nothing for long. @param putAt when, in milliseconds since the epoch */
export function statusIn(record: SharedRecord, putAt: number): LogStatus {
  const { status } = record;
  const isWritten = status.state !== 'exited' && status.state !== 'stopped';
  return isWritten && Date.now() - putAt > silenceMs ? { state: 'stopped' } : status;
}

export function summaryIn(record: SharedRecord, putAt: number): LogSummary {
  const { info, first, last, size } = record;
  return { ...info, status: statusIn(record, putAt), size, first, last, updatedAt: putAt };
}

/** Undefined for what no version of sse-tail that is known here has put there. */
export function parseRecord(text: string): SharedRecord | undefined {
  try {
    const record = JSON.parse(text) as SharedRecord;
    return record.version === 1 && typeof record.info?.id === 'string' ? record : undefined;
  } catch {
    return undefined;
  }
}
