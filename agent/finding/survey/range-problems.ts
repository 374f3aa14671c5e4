import type { Journal } from '../../journal/journal.ts';
import type { Problem } from '../../words/finding.ts';
import { type Chunk, chunkLines, type IdRange } from '../chunks/chunk.ts';
import { createChunkBuilder } from '../chunks/chunk-builder.ts';
import { saidAgain } from '../chunks/failed-tests.ts';
import { areAllKept, countsWithout, inOrder, type ListedProblems, mostListed, ofLevel } from '../chunks/problems.ts';
import { readChunks } from '../chunks/read-chunks.ts';
import { lineScanner } from '../lines/line-scanner.ts';

/**
 * The first problems of a part of a log: chunks of which not all are kept are read again, one after the other, until
 * there are enough.
 *
 * @param chunks what is known of the log
 * @param again the problems that are not listed, as others say the same
 */
export async function problemsIn(
  journal: Journal,
  chunks: readonly Chunk[],
  { from, to }: IdRange,
  again = saidAgain(chunks, journal.firstId),
): Promise<ListedProblems> {
  let problems: Problem[] = [];
  let firstError: Problem | undefined;
  /** Problems of this line and those after it are not listed. */
  let endId = Number.POSITIVE_INFINITY;
  const left = { errors: 0, warnings: 0 };

  function isIn({ id }: Problem): boolean {
    return id >= from && id <= to && !again.has(id);
  }

  /** Those of a chunk beside the ones that are there: as many as may be listed, and the others counted. */
  function add(found: readonly Problem[]): void {
    const all = inOrder([...problems, ...found]);
    const over = all[mostListed];
    // Those of one line are listed together: whoever asks for the rest asks for the lines after.
    if (over !== undefined && over.id < endId) endId = all[0]?.id === over.id ? over.id + 1 : over.id;
    problems = all.filter(({ id }) => id < endId);
    const others = all.filter(({ id }) => id >= endId);
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
    else if (endId > chunk.firstId || !isWhole) await readAgain(chunk);
    else {
      firstError ??= inOrder(chunk.problems).find(({ id, level }) => level === 'error' && !again.has(id));
      const { errors, warnings } = countsWithout(chunk, chunk, again);
      left.errors += errors;
      left.warnings += warnings;
    }
  }
  return {
    problems,
    omitted: left.errors + left.warnings > 0 ? [{ from: (problems.at(-1)?.id ?? from - 1) + 1, to, ...left }] : [],
    errors: ofLevel(problems, 'error').length + left.errors,
    warnings: ofLevel(problems, 'warn').length + left.warnings,
    firstError: firstError ?? null,
  };
}

const remembered = new WeakMap<Chunk, { firstId: number; error: Problem | null }>();

/**
 * The first error of the lines that are left, where retention has taken a part of the first chunk: the error at its
 * beginning was kept, and others may not have been.
 *
 * @param known the first one of the problems that are kept
 */
export async function firstErrorLeft(
  journal: Journal,
  chunks: readonly Chunk[],
  firstId: number,
  known: Problem | null,
): Promise<Problem | null> {
  const [cut] = chunks;
  if (cut === undefined || cut.firstId >= firstId || areAllKept(cut)) return known;
  const again = saidAgain(chunks, firstId);
  const before = remembered.get(cut);
  if (before?.firstId === firstId && !again.has(before.error?.id ?? 0)) return before.error ?? known;
  const { firstError: error } = await problemsIn(journal, [cut], { from: firstId, to: cut.lastId }, again);
  remembered.set(cut, { firstId, error });
  return error ?? known;
}
