import type { LogStore, WritableLog } from './journal/store.ts';
import { continuity } from './sources/file/find/continuity.ts';
import { SseTailError } from './words/errors.ts';
import type { LogInfo } from './words/log.ts';

/** What a log is to be opened for. */
export interface LogRequest {
  info: Omit<LogInfo, 'id' | 'createdAt'>;
  /** For files: whether `info.start` was asked for; if so, a log that started elsewhere is not continued. */
  isStartAsked?: boolean;
  /** Takes a sentence for who runs the agent. */
  report(sentence: string): void;
}

/**
 * Opens the log to write into. A followed file continues its log as long as it is the same file, a persistent log is
 * continued in any case; everything else starts a new log.
 *
 * @throws SseTailError kind `locked` when another agent writes the persistent log of that name
 */
export async function openLog(store: LogStore, request: LogRequest): Promise<WritableLog> {
  const { info } = request;
  if (info.lasting) {
    const kept = await store.findByName(info.name);
    if (kept !== undefined) return store.resume(kept);
  } else if (info.kind === 'file') {
    const log = await continueLog(store, request);
    if (log !== undefined) return log;
  }
  return store.create(info);
}

async function continueLog(
  store: LogStore,
  { info, isStartAsked, report }: LogRequest,
): Promise<WritableLog | undefined> {
  const kept = await store.findByPaths(info.paths ?? []);
  if (kept === undefined) return undefined;
  const log = await store.resume(kept).catch((error) => {
    if (!(error instanceof SseTailError && error.kind === 'locked')) throw error;
    // Not its URL, which would be taken for this one's by who looks for the first.
    report(
      `Another sse-tail (process ${error.facts.pid}) already keeps the same lines. This one keeps them in a log of its own.`,
    );
    return undefined;
  });
  if (log === undefined) return undefined;
  if (isStartAsked && log.info.start !== info.start) {
    await log.close();
    return undefined;
  }
  if (await canContinue(log)) return log;
  await log.close();
  return undefined;
}

/** Whether at least one file can be read on from where the log ends (of many files some are always being replaced). */
async function canContinue({ journal, beginnings }: WritableLog): Promise<boolean> {
  const positions = [...beginnings.values(), ...journal.positions.values()];
  if (positions.length === 0) return journal.lastId === 0;
  for (const position of positions) {
    const became = await continuity(position);
    if (became === 'same' || became === 'rotated' || became === 'dropped') return true;
  }
  return false;
}
