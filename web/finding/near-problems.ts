import type { Outline, Problem } from '../../agent/words/finding.ts';
import type { IdRange } from '../lines/id-ranges.ts';

/** So many lines are asked about at once: of them the agent lists all problems. */
const blockLines = 512;
/** Kept, beside those that show. */
const mostBlocks = 16;
const retryMs = 2000;

/** Errors and warnings around the lines that show, where the outline omits some. */
export interface NearProblems {
  readonly all: Problem[];
  look(shown: readonly number[], outline: Outline | undefined): Promise<void>;
  startOver(): void;
}

/** @param found there are more */
export function createNearProblems(
  ask: (range: IdRange) => Promise<Outline | undefined>,
  found: () => void,
): NearProblems {
  let blocks = new Map<number, Outline>();
  let isAsking = false;

  return {
    get all() {
      return [...blocks.values()].flatMap(({ problems }) => problems);
    },
    async look(shown, outline) {
      if (isAsking || !outline) return;
      const { omitted, known } = outline;
      const isMissing = (id: number) =>
        omitted.some(({ from, to }) => from <= id && id <= to) &&
        // The log may have grown since.
        (blocks.get(blockOf(id))?.known[1] ?? 0) < Math.min(rangeOf(id).to, known[1]);
      const id = shown.find(isMissing);
      if (!id) return;
      const ofThisLog = blocks;
      isAsking = true;
      const answer = await ask(rangeOf(id));
      if (!answer) await new Promise((resolve) => setTimeout(resolve, retryMs));
      isAsking = false;
      if (!answer || blocks !== ofThisLog) return;
      const inView = new Set(shown.map(blockOf));
      if (blocks.size >= mostBlocks) for (const block of blocks.keys()) if (!inView.has(block)) blocks.delete(block);
      blocks.set(blockOf(id), answer);
      found();
    },
    startOver() {
      blocks = new Map();
    },
  };
}

function blockOf(id: number): number {
  return Math.floor(id / blockLines);
}

function rangeOf(id: number): IdRange {
  const from = blockOf(id) * blockLines;
  return { from: from || 1, to: from + blockLines - 1 };
}
