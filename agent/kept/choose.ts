import { SseTailError } from '../errors.ts';
import type { LogSummary } from '../log.ts';

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
  if (only === undefined) {
    throw new SseTailError('journal', `There is no log "${word}" (sse-tail logs lists them).`, { given: word });
  }
  const ids = fitting.map(({ id }) => id);
  const named = ids.slice(0, mostNamed).join(', ');
  const more = ids.length > mostNamed ? ` and ${ids.length - mostNamed} more` : '';
  throw new SseTailError('journal', `"${word}" fits ${ids.length} logs: ${named}${more}.`, { given: word, ids });
}

function logsThatFit(logs: readonly LogSummary[], word: string): LogSummary[] {
  const rules: ((log: LogSummary) => boolean)[] = [
    ({ id }) => id === word,
    ({ name, title }) => name === word || title === word,
    ({ id }) => word !== '' && id.startsWith(word),
  ];
  for (const rule of rules) {
    const fitting = logs.filter(rule);
    if (fitting.length > 0) return fitting;
  }
  return [];
}
