import { count } from '../../agent/words/amounts.ts';
import { isFinished, type LogKind, type LogStatus } from '../../agent/words/log.ts';
import type { Status } from '../../agent/words/wire.ts';
import { duration } from '../text/times.ts';
import { exitWords, stateWords } from '../words.ts';

/** A log's status, and what feeds it. */
export type KindStatus = Status & { kind?: LogKind | undefined };

/** What color a status has, in header and favicon. */
export type Tone = 'running' | 'success' | 'failure' | 'quiet';

export function toneOf(status: LogStatus, heardAt?: number): Tone {
  if (isPast(status, heardAt)) return 'quiet';
  switch (status.state) {
    case 'running':
    case 'following':
      return 'running';
    case 'exited':
      return status.code === 0 ? 'success' : 'failure';
    case 'waiting':
    case 'stopped':
      return 'quiet';
  }
}

/** How a log stands, in a few words. `now` is the agent's clock, in milliseconds since the epoch. */
export function statusWords(status: KindStatus, now: number): string {
  switch (status.state) {
    case 'running':
      return [stateWords.running(wholeSeconds(now - status.startedAt)), percentOf(status)].filter(Boolean).join(' · ');
    case 'following':
    case 'waiting':
    case 'stopped':
      return stateWords[status.state];
    case 'exited':
      return stateWords.exited(exitWords(status), duration(status.endedAt - status.startedAt));
  }
}

/** How a log stands, or stood at `heardAt`, where the agent was heard last then. */
export function knownStatusWords(status: KindStatus, now: number, heardAt: number | undefined): string {
  return isPast(status, heardAt) ? stateWords.was(statusWords(status, heardAt)) : statusWords(status, now);
}

/** Whether it may stand otherwise by now: the agent is not heard. */
function isPast(status: LogStatus, heardAt: number | undefined): heardAt is number {
  return heardAt !== undefined && !isFinished(status);
}

/** Tenths of a second would flicker while it runs. */
function wholeSeconds(ms: number): string {
  return duration(Math.floor(ms / 1000) * 1000).replace('.0 s', ' s');
}

function percentOf({ progress }: Status): string | undefined {
  return progress?.percent === undefined ? undefined : `${Math.round(progress.percent)}%`;
}

/**
 * The page's title: what matters first, because tabs are narrow.
 *
 * @param unread lines that came while it was hidden
 * @param heardAt when the agent was heard last, while it is not heard
 */
export function titleWords(name: string, status: KindStatus | undefined, unread = 0, heardAt?: number): string {
  return (unread > 0 ? `(${count(unread)}) ` : '') + namedWithStatus(name, status, heardAt);
}

function namedWithStatus(name: string, status: KindStatus | undefined, heardAt: number | undefined): string {
  if (status && isPast(status, heardAt)) return `○ ${name} · ${knownStatusWords(status, heardAt, heardAt)}`;
  switch (status?.state) {
    case 'running':
      return `${percentOf(status) ?? '●'} ${name}`;
    case 'exited':
      return `${status.code === 0 ? '✓' : '✗'} ${name} · ${exitWords(status)}`;
    case 'stopped':
      return `■ ${name}`;
    case 'waiting':
      return `… ${name}`;
    default:
      return name;
  }
}
