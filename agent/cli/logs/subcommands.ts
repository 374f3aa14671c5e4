import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createFileStore } from '../../journal/disk/logs/file-store.ts';
import { stateDir } from '../../journal/disk/logs/state-dir.ts';
import type { LogStore } from '../../journal/store.ts';
import { damageNotice } from '../../journal/trouble.ts';
import type { StartAt } from '../../sources/file/file.ts';
import { createTee, isReaderGone } from '../../system/tee.ts';
import { terminalOutput } from '../../system/terminal.ts';
import { sizeText } from '../../words/amounts.ts';
import { defined } from '../../words/defined.ts';
import { causeOf, SseTailError } from '../../words/errors.ts';
import { isFinished, type LogSummary } from '../../words/log.ts';
import { chooseLog, chooseNewestLog } from './choose.ts';
import { printLog } from './print.ts';
import { logTable } from './table.ts';

/** What every subcommand gets. */
export interface KeptLogsOptions {
  /** Where logs are kept (default `$XDG_STATE_HOME/sse-tail`). */
  dir?: string;
  /** Takes what the person should know: one sentence at a time. */
  report(sentence: string): void;
}

/** What a shell says of a program that was ended by SIGPIPE, as `cat` is when nobody reads any more. */
const brokenPipeCode = 128 + 13;

/** `sse-tail logs`. Resolves with the exit code. */
export async function listLogs({ dir, report, json = false }: KeptLogsOptions & { json?: boolean }): Promise<number> {
  const logs = await listKept(dir);
  if (json) return print(`${JSON.stringify(logs, null, 2)}\n`, report);
  if (logs.length === 0) {
    report(`No logs are kept in ${folderOf(dir)}.`);
    return 0;
  }
  const terminal = terminalOutput(1);
  const { NO_COLOR, TERM } = process.env;
  const colour = terminal !== undefined && !NO_COLOR && TERM !== 'dumb';
  return print(logTable(logs, { ...defined({ columns: terminal?.columns }), colour, now: Date.now() }), report);
}

export interface CatOptions extends KeptLogsOptions {
  start?: StartAt;
  strip?: boolean;
  follow?: boolean;
}

/**
 * `sse-tail cat <log>`. Resolves with the exit code.
 *
 * @throws SseTailError kind `journal` where there is no such log, or it can't be read
 */
export async function catLog(word: string, options: CatOptions): Promise<number> {
  const { start = 'all', strip = false, follow = false, report } = options;
  return withStore(
    options.dir,
    async (store) => {
      const { id } = chooseNewestLog(await store.list(), word);
      const log = await store.get(id);
      if (log === undefined) throw new SseTailError('journal', `The log ${id} was just removed.`, { id });
      const out = createOutput(report);
      await printLog(log, { start, strip, follow }, out.copy);
      // A line may leave its colour on; a terminal is given back as it was.
      if (terminalOutput(1) && !strip) await out.copy.write(Buffer.from('\x1b[0m'));
      return out.exitCode();
    },
    report,
  );
}

/**
 * `sse-tail rm`. Removes what can be removed and reports the rest; resolves with the exit code.
 *
 * @throws SseTailError kind `journal` where a word fits no log or several: nothing is removed then
 */
export async function removeLogs(words: string[] | 'all', { dir, report }: KeptLogsOptions): Promise<number> {
  return withStore(dir, async (store) => {
    const logs = await store.list();
    return words === 'all'
      ? await removeFinished(store, logs, report)
      : await removeChosen(store, new Set(words.map((word) => chooseLog(logs, word).id)), report);
  });
}

async function removeChosen(store: LogStore, ids: Set<string>, report: KeptLogsOptions['report']): Promise<number> {
  let code = 0;
  for (const id of ids) {
    try {
      await store.remove(id);
      report(`Removed ${id}.`);
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
  for (const { id, status, size } of logs) {
    if (!isFinished(status) || !(await removeIfFree(store, id))) continue;
    removed++;
    bytes += size;
  }
  const staying = logs.length - removed;
  const others = staying === 0 ? '' : ` ${countOf(staying)} being written stay${staying === 1 ? 's' : ''}.`;
  report(`Removed ${countOf(removed)} (${sizeText(bytes)}).${others}`);
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

function countOf(logs: number): string {
  return logs === 1 ? '1 log' : `${logs} logs`;
}

function folderOf(dir: string | undefined): string {
  return dir === undefined ? stateDir(process.env) : resolve(dir);
}

async function listKept(dir: string | undefined): Promise<LogSummary[]> {
  // Who only looks makes no folder.
  return existsSync(folderOf(dir)) ? withStore(dir, (store) => store.list()) : [];
}

/** Reading is no reason to drop anything: what may be kept in all is for those to say who write. */
async function withStore<Result>(
  dir: string | undefined,
  use: (store: LogStore) => Promise<Result>,
  report: KeptLogsOptions['report'] = () => {},
): Promise<Result> {
  const store = await createFileStore({
    dir: folderOf(dir),
    retainAllBytes: Number.POSITIVE_INFINITY,
    onDamage: (damage) => report(damageNotice(damage)),
  });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** Prints a text to stdout. Resolves with the exit code. */
export async function print(text: string, report: KeptLogsOptions['report']): Promise<number> {
  const out = createOutput(report);
  await out.copy.write(Buffer.from(text));
  return out.exitCode();
}

/** Standard output. A reader that has left (`| head`) is no error, though the exit code tells it. */
function createOutput(report: KeptLogsOptions['report']) {
  let code = 0;
  const copy = createTee(1, (error) => {
    code = brokenPipeCode;
    if (isReaderGone(error)) return;
    code = 1;
    report(`The output can't be written: ${causeOf(error)}.`);
  });
  return { copy, exitCode: () => code };
}
