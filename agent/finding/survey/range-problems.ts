import type { Journal } from '../../journal/journal.ts';
import type { Problem } from '../../words/finding.ts';
import { type Chunk, chunkLines, type IdRange } from '../chunks/chunk.ts';
import { createChunkBuilder } from '../chunks/chunk-builder.ts';
import { areAllKept, inOrder, type ListedProblems, mostListed, ofLevel } from '../chunks/problems.ts';
import { readChunks } from '../chunks/read-chunks.ts';
import { lineScanner } from '../lines/line-scanner.ts';

/**
 * The first problems of a part of a log: chunks of which not all are kept are read again, one after the other, until
 * there are enough.
 *
 * @param chunks what is known of the log
 */
export async function problemsIn(
  journal: Journal,
  chunks: readonly Chunk[],
  { from, to }: IdRange,
): Promise<ListedProblems> {
  let problems: Problem[] = [];
  let firstError: Problem | undefined;
  const left = { errors: 0, warnings: 0 };

  function isIn({ id }: Problem): boolean {
    return id >= from && id <= to;
  }

  /** Those of a chunk beside the ones that are there: as many as may be listed, and the others counted. */
  function add(found: readonly Problem[]): void {
    const all = inOrder([...problems, ...found]);
    problems = all.slice(0, mostListed);
    const others = all.slice(mostListed);
    firstError ??= all.find(({ level }) => level === 'error');
    left.errors += ofLevel(others, 'error').length;
    left.warnings += ofLevel(others, 'warn').length;
  }

  async function readAgain({ firstId }: Chunk): Promise<void> {
    const fewer = (found: Problem[]) => {
      add(found.filter(isIn));
      return [];
    };
    const builder = createChunkBuilder(firstId, { scanner: lineScanner(), mostTimes: 1, mostMarkers: 0, fewer });
    await readChunks(journal, [builder], async () => {});
    add(builder.chunk.problems.filter(isIn));
  }

  for (const chunk of chunks) {
    // A record of the chunk before may say what it is in this one.
    if (chunk.lastId < from || chunk.firstId > to + chunkLines) continue;
    const isWhole = from <= chunk.firstId && chunk.lastId <= to && chunk.problems.every(({ id }) => id >= from);
    if (areAllKept(chunk) || chunk.firstId > to) add(chunk.problems.filter(isIn));
    else if (problems.length < mostListed || !isWhole) await readAgain(chunk);
    else {
      firstError ??= inOrder(chunk.problems).find(({ level }) => level === 'error');
      left.errors += chunk.errors;
      left.warnings += chunk.warnings;
    }
  }
  return {
    problems,
    omitted: left.errors + left.warnings > 0 ? [{ from: (problems.at(-1)?.id ?? from) + 1, to, ...left }] : [],
    errors: ofLevel(problems, 'error').length + left.errors,
    warnings: ofLevel(problems, 'warn').length + left.warnings,
    firstError: firstError ?? null,
  };
}
