import type { Ids, LineFilter } from '../frame/filter.ts';
import type { Journal } from './journal.ts';

const firstWindowLines = 2000;
const largestWindowLines = 100_000;

/**
 * Id of the first of the last `count` lines in a range that a filter lets through; of the first one at all where they
 * are fewer; `to + 1` where there is none. Looks backwards, so that it costs what is looked through and no more.
 * @param isWanted false ends the search
 */
export async function startOfLast(
  count: number,
  { from, to }: Ids,
  filter: LineFilter,
  journal: Journal,
  isWanted: () => boolean,
): Promise<number> {
  let start = to + 1;
  let left = count;
  let windowLines = Math.max(firstWindowLines, 2 * count);
  for (let end = to; end >= from && left > 0 && isWanted(); ) {
    const windowStart = Math.max(from, end - windowLines + 1);
    const found = await idsIn({ from: windowStart, to: end }, filter, journal);
    for (const ids of found.reverse()) {
      const lines = Math.min(left, ids.to - ids.from + 1);
      start = ids.to - lines + 1;
      left -= lines;
      if (left === 0) break;
    }
    end = windowStart - 1;
    windowLines = Math.min(2 * windowLines, largestWindowLines);
  }
  return start;
}

async function idsIn({ from, to }: Ids, filter: LineFilter, journal: Journal): Promise<Ids[]> {
  const found: Ids[] = [];
  const cursor = journal.read(from, to);
  try {
    for (let next = await cursor.next(); next !== undefined; next = await cursor.next()) {
      if (next.type === 'gap') continue;
      for (const { firstId, lastId } of filter.stretches(next)) found.push({ from: firstId, to: lastId });
      next.release();
    }
  } finally {
    cursor.close();
  }
  return found;
}
