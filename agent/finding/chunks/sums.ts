import { sumOf } from '../../text/failures.ts';
import type { Mention } from './chunk.ts';

/*
 * Test runners, compilers and linters say how much has failed, mostly after what has failed itself. Such a sum is a
 * problem only where that is not listed. What has failed is often said at stderr, and the sum at stdout: all streams of
 * a source count.
 */

export interface ErrorNotes {
  /**
   * Takes an error.
   *
   * @param said the line that says that it is one
   * @returns whether it is a sum
   */
  take(id: number, said: string, source: string): boolean;
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

export function createErrorNotes(note: (id: number, kind: Mention['kind'], source: string) => Mention): ErrorNotes {
  let errors = 0;
  let sums = 0;
  /** The last error of a source since its last sum or run; null while there is but one. */
  const last = new Map<string, Mention | null>();

  /** The first one, which may have been announced, and the last one: retention may take the others. */
  function noteError(id: number, source: string): void {
    const known = last.get(source);
    if (known) known.id = Math.max(known.id, id);
    else if (errors < mostMentions) {
      errors++;
      const mention = note(id, 'error', source);
      last.set(source, known === undefined ? null : mention);
    }
  }

  return {
    take(id, said, source) {
      const sum = sumOf(said.slice(0, headLength));
      if (sum === undefined) noteError(id, source);
      else if (sums < mostMentions) {
        sums++;
        last.delete(source);
        note(id, sum === 'before' ? 'announcement' : 'sum', source);
      }
      return sum !== undefined;
    },
    forget(source) {
      if (source === undefined) last.clear();
      else last.delete(source);
    },
  };
}

/** Of a source's run. */
export interface Errors {
  /** Since the last sum. */
  haveErrors: boolean;
  lastSum: number;
  /** The sum before what has failed, while that is not there yet. */
  announcement: number;
}

export function noErrors(): Errors {
  return { haveErrors: false, lastSum: Number.NEGATIVE_INFINITY, announcement: Number.NEGATIVE_INFINITY };
}

/** Returns the sums that say again what is listed, as far as an error or a sum makes that known. */
export function takeError(errors: Errors, { id, kind }: Mention): number[] {
  const { haveErrors, lastSum, announcement } = errors;
  errors.haveErrors = kind === 'error';
  if (kind === 'error') {
    errors.announcement = Number.NEGATIVE_INFINITY;
    return id - announcement <= mostAnnounced ? [announcement] : [];
  }
  errors.lastSum = id;
  if (haveErrors || id - lastSum <= mostBetweenSums) return [id];
  if (kind === 'announcement') errors.announcement = id;
  return [];
}
