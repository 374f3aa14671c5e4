import { sumOf } from '../../text/failures.ts';
import type { Problem } from '../../words/finding.ts';
import type { Mention } from './chunk.ts';

/*
 * Test runners, compilers and linters say how much has failed, mostly after what has failed itself; so they do with
 * warnings. Such a sum is a problem only where what it is the sum of is not listed. What has failed is often said at
 * stderr, and the sum at stdout: all streams of a source count.
 */

export interface SumNotes {
  /**
   * Takes a problem.
   *
   * @param said the line that says that it is one
   * @returns whether it is a sum
   */
  take(id: number, level: Problem['level'], said: string, source: string): boolean;
  /** A run of this source begins or ends; of all of them where none is named. */
  forget(source?: string): void;
}

/** Of each kind in a chunk; failed tests and sums after that are problems of their own. */
export const mostMentions = 2000;
/** Between an announcement and what has failed, in lines. */
const mostAnnounced = 100;
/** Between two sums of the same failures, in lines: of files, and of their tests. */
const mostBetweenSums = 10;
const headLength = 400;

type Note = (id: number, kind: Mention['kind'], source: string) => Mention;

export function createSumNotes(note: Note): SumNotes {
  const errors = createListed('error', note);
  const warnings = createListed('warning', note);

  return {
    take(id, level, said, source) {
      const sum = sumOf(said.slice(0, headLength));
      const listed = level === 'error' ? errors : warnings;
      if (sum === undefined) listed.add(id, source);
      else listed.sum(id, level === 'warn' ? 'warnings' : sum === 'before' ? 'announcement' : 'sum', source);
      // It is the sum of warnings, too.
      if (sum !== undefined && level === 'error') warnings.forget(source);
      return sum !== undefined;
    },
    forget(source) {
      errors.forget(source);
      warnings.forget(source);
    },
  };
}

/** Notes errors, or warnings, and their sums. */
function createListed(kind: 'error' | 'warning', note: Note) {
  let count = 0;
  let sums = 0;
  /** The last one of a source since its last sum or run; null while there is but one. */
  const last = new Map<string, Mention | null>();

  return {
    /** The first one, which may have been announced, and the last one: retention may take the others. */
    add(id: number, source: string): void {
      const known = last.get(source);
      if (known) known.id = Math.max(known.id, id);
      else if (count < mostMentions) {
        count++;
        const mention = note(id, kind, source);
        last.set(source, known === undefined ? null : mention);
      }
    },
    sum(id: number, of: Mention['kind'], source: string): void {
      if (sums >= mostMentions) return;
      sums++;
      last.delete(source);
      note(id, of, source);
    },
    forget(source?: string): void {
      if (source === undefined) last.clear();
      else last.delete(source);
    },
  };
}

/** Errors of a source's run, or warnings of it. */
export interface Listed {
  /** Since the last sum. */
  areThere: boolean;
  lastSum: number;
  /** The sum before what has failed, while that is not there yet. */
  announcement: number;
}

export function noneListed(): Listed {
  return { areThere: false, lastSum: Number.NEGATIVE_INFINITY, announcement: Number.NEGATIVE_INFINITY };
}

/** Whether it is by these that a sum says again what is listed. */
export function isOfSums({ kind }: Mention): boolean {
  return kind === 'error' || kind === 'sum' || kind === 'announcement' || isWarning(kind);
}

export function isWarning(kind: Mention['kind']): boolean {
  return kind === 'warning' || kind === 'warnings';
}

/** Returns the sums that say again what is listed, as far as what it takes makes that known. */
export function takeSummed(errors: Listed, warnings: Listed, { id, kind }: Mention): number[] {
  const listed = isWarning(kind) ? warnings : errors;
  const { areThere, lastSum, announcement } = listed;
  listed.areThere = kind === 'error' || kind === 'warning';
  if (listed.areThere) {
    listed.announcement = Number.NEGATIVE_INFINITY;
    return id - announcement <= mostAnnounced ? [announcement] : [];
  }
  listed.lastSum = id;
  if (kind === 'sum' || kind === 'announcement') Object.assign(warnings, { areThere: false, lastSum: id });
  if (areThere || id - lastSum <= mostBetweenSums) return [id];
  if (kind === 'announcement') listed.announcement = id;
  return [];
}
