import { basename } from 'node:path';
import type { Response } from 'express';
import type { LogStore } from '../../journal/store.ts';
import { defined } from '../../words/defined.ts';
import type { LogSummary } from '../../words/log.ts';
import type { Packer } from '../encoding/packer.ts';
import { sendJson } from './json.ts';

/**
 * The kept logs as viewers see them: files by the names that were typed, not by where they are on this machine. Whoever
 * may read a log need not know the directories of who keeps it.
 */
export function withoutPaths(store: LogStore): LogStore {
  const hidden = ofEach(hidePaths);
  return { ...store, list: async () => (await store.list()).map(hidden) };
}

/** Answers `logs`. */
export async function sendLogList(response: Response, store: LogStore, packer: Packer): Promise<void> {
  const logs = await store.list();
  response.setHeader('Cache-Control', 'no-cache');
  await sendJson(response, `[${logs.map(textOf).join(',')}]`, packer);
}

const textOf = ofEach((summary) => JSON.stringify(summary));

/**
 * The same, made once of each summary: a store of a hundred thousand logs gives those that have not changed again, and
 * every page that shows the list asks for it each second.
 */
function ofEach<Result>(make: (summary: LogSummary) => Result): (summary: LogSummary) => Result {
  const made = new WeakMap<LogSummary, Result>();
  return (summary) => {
    const before = made.get(summary);
    if (before !== undefined) return before;
    const result = make(summary);
    made.set(summary, result);
    return result;
  };
}

function hidePaths({ operands, paths, ...summary }: LogSummary): LogSummary {
  // A log of 0.1.0 does not know what was typed.
  return { ...summary, cwd: '', ...defined({ paths: operands ?? paths?.map((path) => basename(path)) }) };
}
