import type { LogSummary } from '../../agent/words/log.ts';

/** Other runs of the same thing. */
export interface Runs {
  /** The newest, where this is not it. */
  newest: LogSummary | undefined;
  /** The one before this one. */
  previous: LogSummary | undefined;
}

/** @param logs newest first */
export function runsOf(logs: readonly LogSummary[], logId: string): Runs {
  const mine = logs.find(({ id }) => id === logId);
  const runs = mine ? logs.filter((log) => log.kind === mine.kind && titleOf(log) === titleOf(mine)) : [];
  const at = runs.findIndex(({ id }) => id === logId);
  return { newest: at > 0 ? runs[0] : undefined, previous: runs[at + 1] };
}

export function titleOf({ title, name }: LogSummary): string {
  return title ?? name;
}
