import type { LogStore } from '../../journal/store.ts';
import { SseTailError } from '../../words/errors.ts';
import { isFinished, type LogSummary } from '../../words/log.ts';
import { notices } from '../sentences.ts';
import { chooseLog } from './choose.ts';
import { type KeptLogsOptions, typedDir, withStore } from './kept.ts';

/**
 * `sse-tail rm`. Removes what can be removed and reports the rest; resolves with the exit code.
 *
 * @throws SseTailError kind `journal` where a word matches no log or several: then nothing is removed
 */
export async function removeLogs(words: string[] | 'all', options: KeptLogsOptions): Promise<number> {
  return withStore(options, async (store) => {
    const logs = await store.list();
    return words === 'all'
      ? await removeFinished(store, logs, options.report)
      : await removeChosen(
          store,
          new Set(words.map((word) => chooseLog(logs, word, typedDir(options)).id)),
          options.report,
        );
  });
}

async function removeChosen(store: LogStore, ids: Set<string>, report: KeptLogsOptions['report']): Promise<number> {
  let code = 0;
  for (const id of ids) {
    try {
      await store.remove(id);
      report(notices.removed(id));
    } catch (error) {
      if (!(error instanceof SseTailError)) throw error;
      report(error.message);
      code = 1;
    }
  }
  return code;
}

async function removeFinished(store: LogStore, logs: LogSummary[], report: KeptLogsOptions['report']): Promise<number> {
  let removed = 0;
  let bytes = 0;
  // Of what can't be read nobody knows that it is not wanted any more.
  const readable = logs.filter(({ unread }) => unread === undefined);
  for (const { id, status, size } of readable) {
    if (!isFinished(status) || !(await removeIfFree(store, id))) continue;
    removed++;
    bytes += size;
  }
  report(notices.removedAll(removed, bytes, readable.length - removed));
  if (readable.length < logs.length) report(notices.keptUnreadable(logs.length - readable.length));
  return 0;
}

/** False where an agent has just begun to write it again. */
async function removeIfFree(store: LogStore, id: string): Promise<boolean> {
  try {
    await store.remove(id);
    return true;
  } catch (error) {
    if (error instanceof SseTailError && error.kind === 'locked') return false;
    throw error;
  }
}
