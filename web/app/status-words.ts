import { count } from '../../agent/words/amounts.ts';
import { isFinished, type LogKind, type LogStatus } from '../../agent/words/log.ts';
import type { Status } from '../../agent/words/wire.ts';
import { duration } from '../text/times.ts';
import { exitWords, stateWords } from '../words.ts';

/** A log's status, and what feeds it. */
export type KindStatus = Status & { kind?: LogKind | undefined };

/** What color a status has, in header and favicon. */
export type Tone = 'running' | 'success' | 'failure' | 'quiet';

export function toneOf(status: LogStatus): Tone {
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

/** How a log stood when it was heard of last. */
export function lastStatusWords(status: KindStatus, heardAt: number): string {
  const words = statusWords(status, heardAt);
  return isFinished(status) ? words : stateWords.was(words);
}

/** Tenths of a second would flicker while it runs. */
function wholeSeconds(ms: number): string {
  return duration(Math.floor(ms / 1000) * 1000).replace('.0 s', ' s');
}

function percentOf({ progress }: Status): string | undefined {
  return progress?.percent === undefined ? undefined : `${Math.round(progress.percent)}%`;
}

/** The page's title: what matters first, because tabs are narrow. `unread`: lines that came while it was hidden. */
export function titleWords(name: string, status: KindStatus | undefined, unread = 0): string {
  return (unread > 0 ? `(${count(unread)}) ` : '') + namedWithStatus(name, status);
}

function namedWithStatus(name: string, status: KindStatus | undefined): string {
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
