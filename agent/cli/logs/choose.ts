import { SseTailError } from '../../words/errors.ts';
import type { LogSummary } from '../../words/log.ts';

/** So many of the logs that a word fits are named in the error. */
const mostNamed = 5;

/**
 * The log that a word on the command line means: its id, its name, or the beginning of its id, in this order, as long
 * as that fits one log only.
 *
 * @throws SseTailError kind `journal` where it fits none or several
 */
export function chooseLog(logs: readonly LogSummary[], word: string): LogSummary {
  const fitting = logsThatFit(logs, word);
  const [only, other] = fitting;
  if (only !== undefined && other === undefined) return only;
  throw noneOrSeveral(fitting, word);
}

/**
 * As `chooseLog`, but of several logs that a name fits (a build runs more than once) the newest.
 *
 * @param logs newest first
 * @throws SseTailError kind `journal` where it fits none, or where it is the beginning of several ids
 */
export function chooseNewestLog(logs: readonly LogSummary[], word: string): LogSummary {
  return logs.find(({ id }) => id === word) ?? logs.find(hasName(word)) ?? chooseLog(logs, word);
}

function noneOrSeveral(fitting: LogSummary[], word: string): SseTailError {
  if (fitting.length === 0) {
    return new SseTailError('journal', `There is no log "${word}" (sse-tail logs lists them).`, { given: word });
  }
  const ids = fitting.map(({ id }) => id);
  const named = ids.slice(0, mostNamed).join(', ');
  const more = ids.length > mostNamed ? ` and ${ids.length - mostNamed} more` : '';
  return new SseTailError('journal', `"${word}" fits ${ids.length} logs: ${named}${more}.`, { given: word, ids });
}

function logsThatFit(logs: readonly LogSummary[], word: string): LogSummary[] {
  const rules: ((log: LogSummary) => boolean)[] = [
    ({ id }) => id === word,
    hasName(word),
    ({ id }) => word !== '' && id.startsWith(word),
  ];
  for (const rule of rules) {
    const fitting = logs.filter(rule);
    if (fitting.length > 0) return fitting;
  }
  return [];
}

function hasName(word: string): (log: LogSummary) => boolean {
  return ({ name, title }) => name === word || title === word;
}
