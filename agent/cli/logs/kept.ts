import { resolve } from 'node:path';
import { createFileStore } from '../../journal/disk/logs/file-store.ts';
import { stateDir } from '../../journal/disk/logs/state-dir.ts';
import type { LogStore } from '../../journal/store.ts';
import { damageNotice } from '../../journal/trouble.ts';

/** What every subcommand gets. */
export interface KeptLogsOptions {
  /** Where logs are kept (default `$XDG_STATE_HOME/sse-tail`). */
  dir?: string;
  /** Takes what the person who runs it should know: one sentence at a time. */
  report(sentence: string): void;
}

export function directoryOf(dir: string | undefined): string {
  return dir === undefined ? stateDir(process.env) : resolve(dir);
}

/** Reading drops nothing, however much is kept: how much may be kept in all is the writers' affair. */
export async function withStore<Result>(
  { dir, report }: KeptLogsOptions,
  use: (store: LogStore) => Promise<Result>,
): Promise<Result> {
  const store = await createFileStore({
    dir: directoryOf(dir),
    retainAllBytes: Number.POSITIVE_INFINITY,
    onDamage: (damage) => report(damageNotice(damage)),
  });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}
