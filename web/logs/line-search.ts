import type { FoundLog } from '../../agent/words/finding.ts';
import { patternError, patternQuery, type TextPattern, usualPattern } from '../text/pattern.ts';

/**
 * How a search of all logs stands. `searched` counts those looked through, of `of`.
 * - `invalid`: the expression is none; `why` says so in the words of who found out
 * - `failed`: it broke off; `why` in the agent's words, where it gave some
 */
export type LineSearchState = {
  pattern: TextPattern;
  /** Logs that have such lines, or could not be searched as a whole (`error`), newest first. */
  found: readonly FoundLog[];
  searched: number;
} & (
  | { state: 'idle' }
  | { state: 'searching' }
  | { state: 'done' }
  | { state: 'invalid'; why: string }
  | { state: 'failed'; why: string | undefined }
);

export interface LineSearchOptions {
  /** @param query `q=text&regex=1` */
  fetchFound(query: string, signal: AbortSignal): Promise<Response>;
  changed(state: LineSearchState): void;
}

/** Looks for lines in all logs. */
export interface LineSearch {
  /** Searches for this from now on; what was searched for before is given up. */
  start(pattern: TextPattern): void;
}

export const emptyPattern: TextPattern = { text: '', ...usualPattern };
/** While somebody types, not every letter is worth a search of all logs. */
const typingMs = 250;

export function createLineSearch({ fetchFound, changed }: LineSearchOptions): LineSearch {
  let current = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function search(pattern: TextPattern, signal: AbortSignal): Promise<void> {
    const found: FoundLog[] = [];
    let searched = 0;
    const tell = (state: { state: 'searching' | 'done' } | { state: 'failed' | 'invalid'; why: string }) => {
      if (!signal.aborted) changed({ pattern, found: [...found], searched, ...state });
    };
    const take = (row: FoundLog | { error: string }): string | undefined => {
      if (!('id' in row)) return row.error;
      searched++;
      if (row.hits > 0 || row.error !== undefined) found.push(row);
      tell({ state: 'searching' });
      return undefined;
    };
    tell({ state: 'searching' });
    try {
      const response = await fetchFound(patternQuery(pattern), signal);
      if (response.status === 400) return tell({ state: 'invalid', why: await refusalOf(response) });
      if (!response.ok) return tell({ state: 'failed', why: await refusalOf(response) });
      const why = await readRows(response, take);
      tell(why === undefined ? { state: 'done' } : { state: 'failed', why });
    } catch {
      tell({ state: 'failed', why: '' });
    }
  }

  return {
    start(pattern) {
      current.abort();
      clearTimeout(timer);
      const controller = new AbortController();
      current = controller;
      const why = patternError(pattern);
      if (pattern.text === '') changed({ pattern, found: [], searched: 0, state: 'idle' });
      else if (why !== undefined) changed({ pattern, found: [], searched: 0, state: 'invalid', why });
      else timer = setTimeout(() => void search(pattern, controller.signal), typingMs);
    },
  };
}

/** Reads lines of JSON as they come; what `take` returns ends it. */
async function readRows<Row>(response: Response, take: (row: Row) => string | undefined): Promise<string | undefined> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) {
    const rows = (rest + piece.value).split('\n');
    rest = rows.pop() ?? '';
    for (const row of rows) {
      const end = take(JSON.parse(row) as Row);
      if (end !== undefined) return end;
    }
  }
  return undefined;
}

async function refusalOf(response: Response): Promise<string> {
  const body = (await response.json().catch(() => ({}))) as { error?: string };
  return body.error ?? '';
}
