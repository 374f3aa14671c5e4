import { factsOf, type Hit } from './block-facts.ts';
import { ContextFinder } from './context-finder.ts';
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
  return plainFinder(findHits, options);
}

function plainFinder(findHits: FindHits, { firstId, areVisibleAsIs }: LineFinderOptions): LineFinder {
  let safeId = firstId - 1;
  return {
    isAmidContext: false,
    get safeId() {
      return safeId;
    },
    take(block, most, facts = factsOf(block, areVisibleAsIs?.(block.firstId, block.lastId))) {
      const hits: Hit[] = [];
      for (const hit of findHits(block, facts)) {
        if (hit.id < firstId) continue;
        if (hits.length === most) break;
        hits.push(hit);
      }
      const lastLine = hits.at(-1)?.id ?? 0;
      safeId = hits.length === most ? lastLine : block.lastId;
      return { bytes: facts.excerptOf(hits), matches: hits.length, lastLine, lastId: safeId };
    },
  };
}
