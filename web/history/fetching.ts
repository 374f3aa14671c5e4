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
  const wantsOf = createWants(store, options.changed);
  return { history, look: (sight) => history.want(wantsOf(sight)) };
}
