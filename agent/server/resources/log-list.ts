import { basename } from 'node:path';
import type { LogStore } from '../../journal/store.ts';
import { defined } from '../../words/defined.ts';
import type { LogSummary } from '../../words/log.ts';

/**
 * The kept logs as viewers see them: files by the names that were typed, not by where they are on this machine. Whoever
 * may read a log need not know the directories of who keeps it.
 */
export function withoutPaths(store: LogStore): LogStore {
  return { ...store, list: async () => (await store.list()).map(hidePaths) };
}

function hidePaths({ operands, paths, ...summary }: LogSummary): LogSummary {
  // A log of 0.1.0 does not know what was typed.
  return { ...summary, cwd: '', ...defined({ paths: operands ?? paths?.map((path) => basename(path)) }) };
}
