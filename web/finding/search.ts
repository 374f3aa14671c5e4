import { type Filter, queryText } from '../lines/filter.ts';
import { textPatterns } from '../lines/filter-texts.ts';
import { patternError, patternQuery, type TextPattern } from '../text/pattern.ts';
import type { HitReader } from './hit-reader.ts';
import { createHits, type Hit } from './hits.ts';

/** How a search stands. */
export type SearchState =
  | { state: 'idle' }
  /** `share`: of the log's lines that it has looked at, 0 to 1; undefined where it only catches up with the log. */
  | { state: 'searching'; share: number | undefined }
  | { state: 'done' }
  /** There are more than are counted. */
  | { state: 'full' }
  | { state: 'invalid'; why: string }
  | { state: 'failed' };

export interface Search {
  readonly pattern: TextPattern | undefined;
  readonly state: SearchState;
  readonly current: Hit | undefined;
  /** Which place the current one is, and how many there are so far. */
  readonly number: number;
  readonly count: number;
  /** Searches for this from now on; for nothing where that is undefined. */
  start(pattern: TextPattern | undefined): void;
  next(): void;
  previous(): void;
  /** The log has grown, or is another one. */
  grew(): void;
  startOver(): void;
  /** The agent is there again. */
  resume(): void;
  /** Lines that match, at most so many, for a picture of all. */
  sample(most: number): number[];
}

export interface SearchOptions {
  reader: HitReader;
  /** The filter that is on. */
  filter(): Filter;
  /** Ids of the log's first and last line. */
  extent(): { first: number; last: number };
  /** The first line that shows. */
  place(): number;
  /** Whether a line shows. */
  isInView(id: number): boolean;
  /** Shows a place. */
  show(hit: Hit): void;
  changed(): void;
  /** Whether somebody may be looking. */
  isVisible(): boolean;
  /** So many lines are counted. */
  mostLines?: number;
}

/** Lines that are searched first, from where the reader is: their answer comes at once. */
const firstWindow = 20_000;
const largestWindow = 1_000_000;
/** Lines that come are searched together: a request costs as much as many of them. */
const catchUpMs = 1000;

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one state machine; each window read leads to the next.
export function createSearch(options: SearchOptions): Search {
  const { reader, filter, extent, place, show, changed, mostLines = 500_000 } = options;
  /** Of more than are counted, those that stay known around the current one: more than show at once. */
  const keptLines = mostLines / 10;
  const hits = createHits();
  let pattern: TextPattern | undefined;
  let state: SearchState = { state: 'idle' };
  let current: Hit | undefined;
  /** What has been looked through; from `from` to `to`, none where `to < from`. */
  let searched = { from: 1, to: 0 };
  /** The log's last line when the search began. */
  let end = 0;
  let window = firstWindow;
  /** Where the reader was when the search began. */
  let startedAt = 0;
  /** The lines before what was searched come first. */
  let goesUp = false;
  /** Where the reader wants to go from the current place: what is there has yet to be searched. */
  let step: 'next' | 'previous' | undefined;
  /** Later the reader is somewhere, and is not moved by lines that come. */
  let isFirstPass = true;
  let caughtUpAt = 0;
  let catchUp: ReturnType<typeof setTimeout> | undefined;

  function start(next: TextPattern | undefined, at = place()): void {
    reader.stop();
    hits.clear();
    current = undefined;
    step = undefined;
    goesUp = false;
    pattern = next?.text ? next : undefined;
    window = firstWindow;
    const { first, last } = extent();
    end = last;
    startedAt = at;
    const from = Math.max(first, Math.min(startedAt, last - window + 1));
    searched = { from, to: from - 1 };
    caughtUpAt = Date.now();
    clearTimeout(catchUp);
    catchUp = undefined;
    isFirstPass = true;
    const why = pattern && patternError(pattern);
    if (why !== undefined) enter({ state: 'invalid', why });
    else if (!pattern) enter({ state: 'idle' });
    else readOn();
  }

  function enter(next: SearchState): void {
    state = next;
    changed();
  }

  /**
   * To the log's end; then the lines that were added since, and then those before what was searched; unless the reader
   * is on the way to these.
   */
  function readOn(): void {
    const { first, last } = extent();
    if (step && hits.lines >= mostLines) makeRoom();
    const isBehind = searched.to < last && options.isVisible();
    const waitMs = caughtUpAt + catchUpMs - Date.now();
    if (hits.lines >= mostLines) enter({ state: 'full' });
    else if (searched.to < end && !(goesUp && searched.from > first)) {
      readWindow(searched.to + 1, Math.min(end, searched.to + window));
    } else if (searched.to >= end && isBehind && waitMs <= 0) {
      caughtUpAt = Date.now();
      readWindow(searched.to + 1, last);
    } else if (searched.from > first) {
      readWindow(Math.max(first, searched.from - window), searched.from - 1);
    } else {
      isFirstPass = false;
      enter({ state: 'done' });
      if (isBehind) catchUp ??= setTimeout(catchUpNow, waitMs);
    }
  }

  /** For those where the reader is going. */
  function makeRoom(): void {
    if (goesUp) searched.to = hits.keep(0, keptLines).to;
    else searched.from = hits.keep(-keptLines).from;
    window = firstWindow;
  }

  function catchUpNow(): void {
    catchUp = undefined;
    if (state.state === 'done') readOn();
  }

  function resume(): void {
    if (state.state === 'failed') readOn();
  }

  /** Where the reader is now, more is found than was counted. */
  function isElsewhere(): boolean {
    if (state.state !== 'full' || (current && options.isInView(current.id))) return false;
    return place() < searched.from || place() > searched.to;
  }

  function readWindow(from: number, to: number): void {
    if (!pattern) return;
    const found: { ids: number[]; counts: number[] } = { ids: [], counts: [] };
    const { first, last } = extent();
    const searching = (lines: number) => {
      const share = (searched.to - searched.from + 1 + lines) / (last - first + 1);
      enter({ state: 'searching', share: isFirstPass ? share : undefined });
    };
    searching(0);
    const { rest, also } = split(filter());
    const range = `pieces=1&from=${from}&to=${to}&follow=0`;
    const query = [range, patternQuery(pattern), queryText(rest)].filter((part) => part !== '').join('&');
    reader.read(
      `events?${query}`,
      { pattern, also },
      {
        hits(ids, counts, scanned) {
          for (const [at, id] of ids.entries()) {
            found.ids.push(id);
            found.counts.push(counts[at] ?? 1);
          }
          if (scanned) searching(scanned);
        },
        end(end) {
          // Without the parameter and its value: the reader sees what was typed.
          if (end.how === 'refused') return enter({ state: 'invalid', why: end.why.replace(/.*": /s, '') });
          if (end.how === 'failed') return enter({ state: 'failed' });
          hits.add(found.ids, found.counts);
          searched = { from: Math.min(searched.from, from), to: Math.max(searched.to, to) };
          window = Math.min(2 * window, largestWindow);
          if (!current && isFirstPass) settle();
          else if (!current || !step) changed();
          else if (!takeStep(current)) return;
          readOn();
        },
      },
    );
  }

  /** Goes to the nearest place: at or below the first line that shows, else above it. */
  function settle(): void {
    const hit = hits.atOrAfter(startedAt) ?? (searched.to >= end ? hits.before(startedAt) : undefined);
    if (hit) goTo(hit);
    else changed();
  }

  function go(to: 'next' | 'previous'): void {
    if (isElsewhere()) start(pattern);
    else {
      resume();
      if (current) goFrom(current, to);
      else if (to === 'next') goTo(hits.atOrAfter(place()) ?? hits.atOrAfter(1));
      else goTo(hits.before(place() + 1));
    }
  }

  function goFrom(hit: Hit, to: 'next' | 'previous'): void {
    if (step === to) return;
    step = to;
    goesUp = to === 'previous';
    const isFull = state.state === 'full';
    if (isFull) end = extent().last;
    if (takeStep(hit) && step && isFull) readOn();
  }

  /**
   * Goes to the next or previous place, unless what lies between has yet to be searched. Returns false where the search
   * has begun anew, from the log's other end.
   */
  function takeStep(from: Hit): boolean {
    const isNext = step === 'next';
    const hit = isNext ? hits.next(from) : hits.previous(from);
    const distance = hit ? hit.id - from.id || hit.at - from.at : 0;
    if (isNext ? distance <= 0 : distance >= 0) {
      const { first, last } = extent();
      const [isMoreAbove, isMoreBelow] = [searched.from > first, searched.to < end];
      if (isNext ? isMoreBelow : isMoreAbove) {
        changed();
        return true;
      }
      if (isMoreAbove || isMoreBelow) {
        start(pattern, isNext ? first : last);
        return false;
      }
    }
    step = undefined;
    goTo(hit);
    return true;
  }

  function goTo(hit: Hit | undefined): void {
    if (!hit) return;
    current = hit;
    show(hit);
    changed();
  }

  return {
    get pattern() {
      return pattern;
    },
    get state() {
      return state;
    },
    get current() {
      return current;
    },
    get number() {
      return current ? hits.numberOf(current) : 0;
    },
    get count() {
      return hits.count;
    },
    start,
    next: () => go('next'),
    previous: () => go('previous'),
    grew() {
      if (state.state !== 'done' || catchUp !== undefined || searched.to >= extent().last) return;
      // Of a log that had no lines nothing has been searched: from its end, then, as any other.
      if (searched.to < searched.from) start(pattern);
      else readOn();
    },
    startOver: () => start(pattern),
    resume,
    sample: hits.sample,
  };
}

/** A request has one case, which is that of the text searched for; and context is no match. */
function split(filter: Filter) {
  const { q, regex, case: isCase, word, from: _from, context: _context, record: _record, ...rest } = filter;
  return { rest, also: textPatterns(filter) };
}
