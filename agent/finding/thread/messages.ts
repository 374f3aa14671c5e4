import type { ErrorKind } from '../../words/errors.ts';
import type { Histogram, Outline } from '../../words/finding.ts';
import type { IdRange } from '../chunks/chunk.ts';
import type { EarlierStamps } from '../known-lines.ts';
import type { SearchEnd, SearchNews, SearchRequest } from '../search.ts';
import type { HistogramRequest, OutlineRequest } from '../survey/requests.ts';

/** What the agent says to its search thread. */
export type ToThread =
  | { type: 'search'; id: number; dir: string; request: SearchRequest }
  | { type: 'outline'; id: number; dir: string; request: OutlineRequest }
  | { type: 'histogram'; id: number; dir: string; request: HistogramRequest }
  | { type: 'stamps'; id: number; dir: string; request: IdRange }
  /** News of this search was taken. */
  | { type: 'taken'; id: number }
  | { type: 'cancel'; id: number };

/** Of a question for stamps: undefined where it was cancelled. */
export type Answer = SearchEnd | Outline | Histogram | EarlierStamps | undefined;

/** What the search thread says. */
export type FromThread =
  | { type: 'news'; id: number; news: SearchNews }
  | { type: 'end'; id: number; end: Answer }
  | { type: 'failed'; id: number; error: { kind: ErrorKind; message: string; facts: Record<string, unknown> } };
