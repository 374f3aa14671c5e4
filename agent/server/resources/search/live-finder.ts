import type { BlockFacts } from '../../../finding/block-facts.ts';
import { createLineFinder } from '../../../finding/find-lines.ts';
import { createReadingStamps, type EarlierStamps, type ReadingStamps } from '../../../finding/known-lines.ts';
import { leveledFinder } from '../../../finding/leveled.ts';
import type { Found, LineFinder } from '../../../finding/line-finder.ts';
import type { LineQuery } from '../../../finding/line-query.ts';
import type { Block } from '../../../frame/block.ts';

/** Looks through lines as they come, as long as it has seen those before them; dropped, it has to begin anew. */
export class LiveFinder {
  readonly #query: LineQuery;
  #begun: { finder: LineFinder; stamps: ReadingStamps } | undefined;

  constructor(query: LineQuery) {
    this.#query = query;
  }

  get hasBegun(): boolean {
    return this.#begun !== undefined;
  }

  get amidContextOf(): number | undefined {
    return this.#begun?.finder.amidContextOf;
  }

  /** Everything that could be asked for up to this line was passed on. */
  get safeId(): number {
    return this.#begun?.finder.safeId ?? 0;
  }

  begin(earlier: EarlierStamps, options: Omit<Parameters<typeof createLineFinder>[1], 'stampBefore'>): void {
    const stamps = createReadingStamps(earlier);
    const finder = createLineFinder(this.#query, { ...options, stampBefore: stamps.find });
    this.#begun = { finder: this.#query.hasLevels ? leveledFinder(finder, this.#query) : finder, stamps };
  }

  drop(): void {
    this.#begun = undefined;
  }

  /**
   * As `LineFinder` does. Undefined where it has not begun, and where it is dropped, as it needs what was said before
   * all that it has seen. What comes after the last match comes with it, whenever it is from.
   */
  take(block: Block, most: number, facts?: BlockFacts, lastPieces?: ReadonlySet<number>): Found | undefined {
    const found = this.#begun?.finder.take(block, most, facts, lastPieces);
    if (!this.#begun?.stamps.isMissing || most <= 0) return found;
    this.drop();
    return undefined;
  }

  endLines(most: number): Found | undefined {
    return this.#begun?.finder.endLines(most);
  }
}
