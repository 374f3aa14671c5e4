import type { ErrorKind } from '../../words/errors.ts';
import type { SearchEnd, SearchNews, SearchRequest } from '../search.ts';

/** What the agent says to its search thread. */
export type ToThread =
  | { type: 'search'; id: number; dir: string; request: SearchRequest }
  /** News of this search was taken. */
  | { type: 'taken'; id: number }
  | { type: 'cancel'; id: number };

/** What the search thread says. */
export type FromThread =
  | { type: 'news'; id: number; news: SearchNews }
  | { type: 'end'; id: number; end: SearchEnd }
  | { type: 'failed'; id: number; error: { kind: ErrorKind; message: string; facts: Record<string, unknown> } };
