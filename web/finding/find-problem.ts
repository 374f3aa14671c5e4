import type { LineHistory } from '../history/history.ts';
import type { IdRange } from '../lines/id-ranges.ts';
import { createRecordReader } from './record-reader.ts';

/** As long as most records: the first lines of further ones are among so many lines with a level. */
const mostLines = 200;
const patienceMs = 10_000;

/**
 * The error or warning after a line, or before it, around the ends of the log, by the first line of its record: of very
 * many, an outline lists some. Undefined where there is none, or nobody says.
 * @param query selects the lines of such records
 */
export async function findProblem(
  read: LineHistory['read'],
  query: string,
  { first, last }: { first: number; last: number },
  { id: place, side }: { id: number; side: 'after' | 'before' },
): Promise<number | undefined> {
  const isAfter = side === 'after';
  // The line itself says where its record ends.
  const after = { from: Math.max(first, place), to: last };
  const before = { from: first, to: Math.min(last, place - 1) };
  return (
    (await findIn(isAfter ? after : before, (id) => !isAfter || id > place)) ??
    (await findIn({ from: first, to: last }, () => true))
  );

  async function findIn(range: IdRange, isWanted: (id: number) => boolean): Promise<number | undefined> {
    if (range.to < range.from) return undefined;
    const readRecord = createRecordReader();
    let found: number | undefined;
    await read(
      { ...range, some: { from: isAfter ? 'start' : 'end', lines: mostLines } },
      (text, origin, id) => {
        const { continues } = readRecord(id, { text, origin });
        if (!continues && isWanted(id) && !(isAfter && found)) found = id;
      },
      AbortSignal.timeout(patienceMs),
      query,
    );
    return found;
  }
}
