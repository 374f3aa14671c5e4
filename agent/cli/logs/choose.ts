import type { LogSummary } from '../../words/log.ts';
import { mistakes } from '../sentences.ts';

/**
 * The log that a word on the command line means: by id, by name, or by the beginning of an id, in this order, as long
 * as that matches exactly one.
 *
 * @param dir where they are kept, if that was typed
 * @throws SseTailError kind `journal` where it matches none or several
 */
export function chooseLog(logs: readonly LogSummary[], word: string, dir?: string): LogSummary {
  const matching = matchingLogs(logs, word);
  const [only, other] = matching;
  if (only !== undefined && other === undefined) return only;
  const ids = matching.map(({ id }) => id);
  throw ids.length === 0 ? mistakes.noSuchLog(word, dir) : mistakes.severalLogs(word, ids);
}

/**
 * As `chooseLog`, but of several logs with the same name (a build runs more than once) the newest.
 *
 * @param logs newest first
 * @throws SseTailError kind `journal` where it matches none, or is the beginning of several ids
 */
export function chooseNewestLog(logs: readonly LogSummary[], word: string, dir?: string): LogSummary {
  return logs.find(({ id }) => id === word) ?? logs.find(hasName(word)) ?? chooseLog(logs, word, dir);
}

function matchingLogs(logs: readonly LogSummary[], word: string): LogSummary[] {
  const rules: ((log: LogSummary) => boolean)[] = [
    ({ id }) => id === word,
    hasName(word),
    ({ id }) => word !== '' && id.startsWith(word),
  ];
  for (const rule of rules) {
    const matching = logs.filter(rule);
    if (matching.length > 0) return matching;
  }
  return [];
}

function hasName(word: string): (log: LogSummary) => boolean {
  return ({ name, title }) => name === word || title === word;
}
