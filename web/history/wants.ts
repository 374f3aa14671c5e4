import { stretchesOf } from '../lines/id-ranges.ts';
import type { LineStore } from '../lines/line-store.ts';
import type { Want } from './history.ts';

/** What the list shows. */
export interface Sight {
  /** Ids of the lines that show. */
  ids: readonly number[];
  /** How many rows there is room for. */
  mostRows: number;
  following: boolean;
}

/** Rows fetched in advance on either side of the view, in views. */
const prefetch = 2;
/** While it follows, a hole that is gone after so long is not fetched: a flood makes many of them. */
const patienceMs = 120;

/**
 * Says which lines to fetch for what is in sight.
 * @param later called when it is time to ask again about a hole that had only just come into sight
 * @param hasContext whether matches come with the lines around them
 */
export function createWants(store: LineStore, later: () => void, hasContext: () => boolean): (sight: Sight) => Want[] {
  let hole = { from: 0, since: 0 };

  /** Whether a hole has only just come into sight. */
  function isFresh(from: number): boolean {
    const time = performance.now();
    if (from !== hole.from) {
      hole = { from, since: time };
      setTimeout(later, patienceMs);
    }
    return time - hole.since < patienceMs - 1;
  }

  function ofAll({ ids, mostRows, following }: Sight): Want[] {
    const first = ids[0] ?? store.first;
    const last = ids.at(-1) ?? first - 1;
    const [hole, ...others] = stretchesOf(ids).flatMap(({ from, to }) => store.missing(from, to));
    if (hole && following && isFresh(hole.from)) return [];
    const margin = Math.ceil(prefetch * mostRows);
    const around = following
      ? []
      : [...store.missing(first - margin, first - 1), ...store.missing(last + 1, last + margin)];
    return hole ? [hole, ...others, ...around] : around;
  }

  /**
   * Where lines are left out, a range says nothing of how many rows it holds: so many rows are asked for, on either
   * side. At the end they are asked for from there up, or the view would come upon them one by one. So are those at
   * the top of the view, from what is known below them: rows that turn out to be left out move others into it.
   */
  function ofSome({ ids, mostRows, following }: Sight): Want[] {
    const rows = ids.length;
    const first = ids[0] ?? store.first;
    const margin = Math.ceil(prefetch * mostRows);
    const lines = Math.ceil(mostRows) + 2 * margin;
    const isAtEnd = following || store.next(ids.at(-1) ?? store.last) > store.last;
    const edge = isAtEnd ? undefined : edgeBelow(first, rows);
    const below = isAtEnd ? undefined : firstUnknown(edge ?? first - 1, store.next, rows + margin);
    const above = isAtEnd
      ? firstUnknown(store.last + 1, store.previous, Math.max(rows, mostRows) + (following ? 0 : margin))
      : (edge ?? firstUnknown(first, store.previous, margin));
    const wants: Want[] = [];
    if (below !== undefined) wants.push({ from: matchNear(below, -1), to: store.last, some: { from: 'start', lines } });
    if (above !== undefined) wants.push({ from: store.first, to: matchNear(above, 1), some: { from: 'end', lines } });
    return wants;
  }

  /**
   * What is unknown next to known lines is asked for from the first match among those on: lines around that one may be
   * unknown, and a line that came as one of them may be a match whose own are.
   */
  function matchNear(unknown: number, step: number): number {
    let id = unknown;
    if (hasContext())
      do id += step;
      while (store.get(id)?.origin.context);
    return store.get(id) ? id : unknown;
  }

  /** The last line of an unknown stretch that begins here and ends within so many rows; undefined where none does. */
  function edgeBelow(from: number, rows: number): number | undefined {
    for (let id = from; id < from + rows; id++) {
      if (!isUnknown(id)) return id > from ? id - 1 : undefined;
      if (store.next(id) > id + 1) return id;
    }
    return undefined;
  }

  function isUnknown(id: number): boolean {
    return !store.get(id) && !store.isLost(id);
  }

  /** The first line on the way, in at most so many steps, that is neither there nor known to be lost. */
  function firstUnknown(from: number, step: (id: number) => number, most: number): number | undefined {
    let id = step(from);
    for (let steps = 0; steps < most && id >= store.first && id <= store.last; steps++, id = step(id)) {
      if (isUnknown(id)) return id;
    }
    return undefined;
  }

  return (sight) => (store.isSelective ? ofSome(sight) : ofAll(sight));
}
