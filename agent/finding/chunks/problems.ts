import type { OmittedProblems, Outline, Problem } from '../../words/finding.ts';
import { type Chunk, countsFrom } from './chunk.ts';
import { saidAgain } from './failed-tests.ts';
import { isWarning } from './sums.ts';

/** Listed of a log, or of a part of it. */
export const mostListed = 2000;

export type ListedProblems = Pick<Outline, 'problems' | 'omitted' | 'errors' | 'warnings' | 'firstError'>;

/** Of very many those at the ends, errors before warnings; in order. Of fewer again it leaves what it would of all. */
export function endsOf(problems: readonly Problem[], most: number): Problem[] {
  if (problems.length <= most) return inOrder(problems);
  const errors = atEnds(inOrder(ofLevel(problems, 'error')), most);
  return inOrder([...errors, ...atEnds(inOrder(ofLevel(problems, 'warn')), most - errors.length)]);
}

export function ofLevel(problems: readonly Problem[], wanted: Problem['level']): Problem[] {
  return problems.filter(({ level }) => level === wanted);
}

function atEnds(problems: Problem[], most: number): Problem[] {
  if (problems.length <= most) return problems;
  const half = most >> 1;
  return [...problems.slice(0, most - half), ...problems.slice(problems.length - half)];
}

/** Records of several speakers end in another order than they begin. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => a.id - b.id);
}

/** What of a log's chunks is listed, and where some are not. */
export function problemsOf(chunks: readonly Chunk[], firstId: number): ListedProblems {
  const again = saidAgain(chunks, firstId);
  const kept = inOrder(chunks.flatMap((chunk) => chunk.problems).filter(({ id }) => id >= firstId && !again.has(id)));
  const problems = endsOf(kept, mostListed);
  const listed = new Set(problems);
  const counts = chunks.map((chunk) => countsOf(chunk, firstId, again));
  const omitted = chunks.map((chunk, i): OmittedProblems => {
    const mine = chunk.problems.filter((problem) => listed.has(problem));
    const { errors, warnings } = counts[i] as Counts;
    return {
      // A record is known by what it says in the next chunk at the latest.
      from: Math.max(firstId, Math.min(chunk.firstId, chunk.problems[0]?.id ?? chunk.firstId)),
      to: chunk.lastId,
      errors: errors - ofLevel(mine, 'error').length,
      warnings: warnings - ofLevel(mine, 'warn').length,
    };
  });
  return {
    problems,
    omitted: joined(omitted),
    errors: counts.reduce((sum, { errors }) => sum + errors, 0),
    warnings: counts.reduce((sum, { warnings }) => sum + warnings, 0),
    firstError: kept.find(({ level }) => level === 'error') ?? null,
  };
}

type Counts = Pick<Chunk, 'errors' | 'warnings'>;

export function areAllKept({ problems, errors, warnings }: Chunk): boolean {
  return problems.length === errors + warnings;
}

/** How many problems of a chunk there are without those that say again what others say. */
export function countsWithout({ mentions }: Chunk, { errors, warnings }: Counts, again: ReadonlySet<number>): Counts {
  if (again.size === 0) return { errors, warnings };
  const all = mentions.filter(({ id }) => again.has(id));
  // One line may be mentioned as several things, of one level.
  const ofWarnings = new Set(all.filter(({ kind }) => isWarning(kind)).map(({ id }) => id)).size;
  return { errors: errors - (new Set(all.map(({ id }) => id)).size - ofWarnings), warnings: warnings - ofWarnings };
}

/** Of its lines that are still there. */
function countsOf(chunk: Chunk, firstId: number, again: ReadonlySet<number>): Counts {
  return countsWithout(chunk, countsLeft(chunk, firstId), again);
}

function countsLeft(chunk: Chunk, firstId: number): Counts {
  if (chunk.firstId >= firstId) return chunk;
  const left = chunk.problems.filter(({ id }) => id >= firstId);
  const kept = { errors: ofLevel(left, 'error').length, warnings: ofLevel(left, 'warn').length };
  if (areAllKept(chunk)) return kept;
  const { errors, warnings } = countsFrom(chunk, firstId);
  // A marker may report what its line has no level of.
  return { errors: Math.max(errors, kept.errors), warnings: Math.max(warnings, kept.warnings) };
}

/** Ranges that follow each other are one. */
function joined(ranges: readonly OmittedProblems[]): OmittedProblems[] {
  const found: OmittedProblems[] = [];
  for (const range of ranges) {
    if (range.errors + range.warnings <= 0) continue;
    const last = found.at(-1);
    if (last !== undefined && range.from <= last.to + 1) {
      last.to = range.to;
      last.errors += range.errors;
      last.warnings += range.warnings;
    } else found.push(range);
  }
  return found;
}
