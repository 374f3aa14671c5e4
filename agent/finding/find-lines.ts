import { factsOf, type Hit } from './block-facts.ts';
import { ContextFinder } from './context-finder.ts';
import { createHitFinder, type HitFinder } from './hits.ts';
import type { KnownLines, StampFinder } from './known-lines.ts';
import type { LineFinder } from './line-finder.ts';
import { type LineQuery, reachBefore, selectedBy } from './line-query.ts';

export interface LineFinderOptions {
  /** Lines before this one are only looked at for what they say about later ones. */
  firstId: number;
  /** Lines before this one are no matches, but may come with one. */
  firstMatch?: number | undefined;
  /** Lines after this one are no matches, but may come with one. */
  lastMatch?: number | undefined;
  /** Name of the source of lines whose origin names none. */
  firstSource: string | undefined;
  /** The levels of all lines that will be passed, where somebody knows them. */
  levels?: KnownLines | undefined;
  areVisibleAsIs?: KnownLines['areVisibleAsIs'];
  /** What was said before the first line that will be passed. */
  stampBefore?: StampFinder;
}

/** @throws SseTailError kind `usage` where a pattern is none */
export function createLineFinder(query: LineQuery, options: LineFinderOptions): LineFinder {
  const { firstSource, levels, areVisibleAsIs, stampBefore } = options;
  const hitFinder = createHitFinder(query, selectedBy(query, firstSource), levels, areVisibleAsIs, stampBefore);
  if (reachBefore(query) + query.after > 0) return new ContextFinder(query, hitFinder, options);
  return plainFinder(hitFinder, options);
}

function plainFinder(hitFinder: HitFinder, { firstId, areVisibleAsIs }: LineFinderOptions): LineFinder {
  let safeId = firstId - 1;
  let sentId = firstId - 1;
  return {
    amidContextOf: undefined,
    moveTo: hitFinder.moveTo,
    get safeId() {
      return safeId;
    },
    take(block, most, facts = factsOf(block, areVisibleAsIs?.(block.firstId, block.lastId))) {
      const hits: Hit[] = [];
      for (const hit of hitFinder.find(block, facts)) {
        // Also what is found late, where a later line was sent: a client that resumes after an id has all before it.
        if (hit.id <= sentId) continue;
        if (hits.length === most) break;
        hits.push(hit);
      }
      const lastLine = hits.at(-1)?.id ?? 0;
      const lastId = hits.length === most ? lastLine : block.lastId;
      sentId = Math.max(sentId, lastLine);
      safeId = Math.max(sentId, Math.min(lastId, hitFinder.undecidedFrom - 1));
      return { bytes: facts.excerptOf(hits), matches: hits.length, lastLine, lastId };
    },
  };
}
