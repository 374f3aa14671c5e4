import type { Block } from '../../frame/block.ts';
import { progressText } from '../../frame/events.ts';
import { createOriginFilter, type Ids, type Part, partOf } from '../../frame/filter.ts';
import type { Journal } from '../../journal/journal.ts';
import { startOfLast } from '../../journal/start-of-last.ts';
import type { Log } from '../../journal/store.ts';
import { type Selection, selects } from '../../words/selection.ts';
import type { PartialRows } from '../../words/wire.ts';

/** What stands between a log and a response that leaves out lines. It knows how far the client knows to have come. */
export interface Filtered {
  /** What is let through of the next slice, at most `most` lines. */
  take(slice: Block, most: number): Part;
  isShown(partial: PartialRows): boolean;
  /** Where the last so many lines begin that are let through, of those in a range. */
  startOfLast(lines: number, range: Ids, isWanted: () => boolean): Promise<number>;
  /**
   * The event that says: everything up to this line was sent, and a client may resume from there; undefined where it
   * knows.
   */
  progress(to: number): Buffer | undefined;
  /** How long to wait before the next of these, in milliseconds, where it is not urgent. */
  progressWaitMs(): number;
}

const progressMs = 1000;

/** @param knownId the client knows to have everything up to this line */
export function createFiltered(selection: Selection, log: Log, knownId: number): Filtered {
  const isSelected = selects(selection);
  const filter = createOriginFilter((origin) => isSelected(origin, log.sources[0]));
  const journal: Journal = log.journal;
  let known = knownId;
  let knownSources = log.sources.length;
  let sentAt = Number.NEGATIVE_INFINITY;

  return {
    take(slice, most) {
      const part = partOf(slice, filter, most);
      if (part.lines > 0) known = part.lastLine;
      return part;
    },
    isShown: (partial) => isSelected(partial, log.sources[0]),
    startOfLast: (lines, range, isWanted) => startOfLast(lines, range, filter, journal, isWanted),
    progressWaitMs: () => Math.max(0, sentAt + progressMs - performance.now()),
    progress(to) {
      if (to <= known) return undefined;
      known = to;
      sentAt = performance.now();
      const sources = log.sources.slice(knownSources);
      knownSources += sources.length;
      return Buffer.from(progressText({ to, ...(sources.length > 0 && { sources }) }));
    },
  };
}
