import type { LineStore } from '../lines/line-store.ts';
import { createHistory, type HistoryOptions, type LineHistory } from './history.ts';
import { createWants, type Sight } from './wants.ts';

/**
 * Fetches the lines that are looked at and not there. Loaded after what shows the newest lines, which come by
 * themselves.
 */
export interface Fetching {
  readonly history: LineHistory;
  /** These lines are looked at. */
  look(sight: Sight): void;
}

export function createFetching(store: LineStore, options: HistoryOptions): Fetching {
  const history = createHistory(options);
  // It is the last one where records are not asked for, too: a line of one may come with a match that is far away.
  const wantsOf = createWants(store, options.changed, () => /context=\d+$/.test(options.selection()));
  return { history, look: (sight) => history.want(wantsOf(sight)) };
}
