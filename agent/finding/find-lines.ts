import { ContextFinder } from './context-finder.ts';
import { createExcerpt } from './excerpt.ts';
import { createFindHits, type FindHits } from './hits.ts';
import type { KnownLevels } from './known-levels.ts';
import type { LineFinder } from './line-finder.ts';
import { type LineQuery, reachBefore, selectedBy } from './line-query.ts';

export interface LineFinderOptions {
  /** Lines before this one are only looked at for what they say about later ones. */
  firstId: number;
  /** Name of the source of lines whose origin names none. */
  firstSource: string | undefined;
  /** The levels of all lines that will be passed, where somebody knows them. */
  levels?: KnownLevels | undefined;
  areVisibleAsIs?: KnownLevels['areVisibleAsIs'];
}

/** @throws SseTailError kind `usage` where a pattern is none */
export function createLineFinder(query: LineQuery, options: LineFinderOptions): LineFinder {
  const { firstSource, levels, areVisibleAsIs } = options;
  const findHits = createFindHits(query, selectedBy(query, firstSource), levels, areVisibleAsIs);
  if (reachBefore(query) + query.after > 0) return new ContextFinder(query, findHits, options.firstId);
  return plainFinder(findHits, options.firstId);
}

function plainFinder(findHits: FindHits, firstId: number): LineFinder {
  let safeId = firstId - 1;
  return {
    isAmidContext: false,
    get safeId() {
      return safeId;
    },
    take(block, most) {
      const excerpt = createExcerpt();
      let matches = 0;
      let lastLine = 0;
      for (const { id, start, end, origin } of findHits(block)) {
        if (id < firstId) continue;
        if (matches === most) break;
        excerpt.add(block.bytes, start, end, origin);
        matches++;
        lastLine = id;
      }
      safeId = matches === most ? lastLine : block.lastId;
      return { bytes: excerpt.take(), matches, lastLine, lastId: safeId };
    },
  };
}
