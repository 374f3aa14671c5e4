import { resolve } from 'node:path';
import { stateDir } from '../../journal/disk/logs/state-dir.ts';
import type { LogStore } from '../../journal/store.ts';
import { type KeptLogs, openKeptLogs } from '../../serve.ts';
import { notices } from '../sentences.ts';

/** What every subcommand gets. */
export interface KeptLogsOptions extends KeptLogs {
  /** Takes what the person who runs it should know: one sentence at a time. */
  report(sentence: string): void;
}

export function directoryOf(dir: string | undefined): string {
  return dir === undefined ? stateDir(process.env) : resolve(dir);
}

/** The directory that was typed, which has to be typed again. */
export function typedDir({ dir }: KeptLogs): string | undefined {
  return dir === process.env.SSE_TAIL_DIR ? undefined : dir;
}

/** What there is to say where there are no logs. */
export function nothingKept({ dir, store }: KeptLogs): string {
  return store === undefined ? notices.noLogs(directoryOf(dir)) : notices.noSharedLogs;
}

export async function withStore<Result>(
  { report, ...kept }: KeptLogsOptions,
  use: (store: LogStore) => Promise<Result>,
): Promise<Result> {
  const store = await openKeptLogs(kept, report);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}
