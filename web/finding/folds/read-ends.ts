import type { LineHistory } from '../../history/history.ts';
import type { Line } from '../../lines/line-store.ts';
import type { Run } from './repeats.ts';

/** Lines that are read on either side; of a run that goes on beyond them the length stays unknown. */
const mostLines = 100_000;
const firstWindow = 1000;
const patienceMs = 30_000;

/** Ids of the log's first and last line. */
export interface Extent {
  first: number;
  last: number;
}

export interface ReadEndsOptions {
  extent: Extent;
  /** The lines of one of its blocks. */
  block: readonly Line[];
  read: LineHistory['read'];
  isSame(a: Line, b: Line | undefined): boolean;
}

/**
 * All of a run of which a part is known, read line by line: at which place of a block a line stands, the agent can't be
 * asked. Undefined where lines couldn't be read.
 */
export async function readRunEnds(
  { from, to, period }: Run,
  { extent, block, read, isSame }: ReadEndsOptions,
): Promise<Run | undefined> {
  const signal = AbortSignal.timeout(patienceMs);
  const before = await walk(-1);
  const after = before && (await walk(1));
  if (!before || !after) return undefined;
  const begin = before.edge;
  const blocks = Math.floor((after.edge - begin + 1) / period);
  return { from: begin, to: begin + blocks * period - 1, period, isPart: !before.isEnd || !after.isEnd };

  /** The last line that continues the run, up (-1) or down; whether another one comes after it. */
  async function walk(step: 1 | -1): Promise<{ edge: number; isEnd: boolean } | undefined> {
    let edge = step < 0 ? from : to;
    for (let window = firstWindow, left = mostLines; left > 0; left -= window, window *= 2) {
      const range =
        step < 0
          ? { from: Math.max(extent.first, edge - window), to: edge - 1 }
          : { from: edge + 1, to: Math.min(extent.last, edge + window) };
      if (range.to < range.from) return { edge, isEnd: true };
      let other: number | undefined;
      const take = (text: string, origin: Line['origin'], id: number) => {
        const place = (((id - from) % period) + period) % period;
        if ((step < 0 || other === undefined) && !isSame({ text, origin }, block[place])) other = id;
      };
      if (!(await read(range, take, signal, ''))) return undefined;
      if (other !== undefined) return { edge: other - step, isEnd: true };
      edge = step < 0 ? range.from : range.to;
    }
    return { edge, isEnd: false };
  }
}
