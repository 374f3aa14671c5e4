import { causeOf, causeOfWriting } from '../words/errors.ts';
import type { Damage } from './journal.ts';

/**
 * For a journal that can't be written right now: why, and that nothing is lost. Viewers get it as well, so it names no
 * path.
 */
export function writeTrouble(error: unknown): string {
  return `The journal can't be written: ${causeOfWriting(error)}. Reading pauses until it can be written again; nothing is lost.`;
}

/** For a journal whose newest lines can't be read right now. Viewers get it as well, so it names no path. */
export function unreadTrouble(error: unknown): string {
  return `The newest lines can't be read: ${causeOf(error)}.`;
}

/** One sentence for a part of a journal that is not what was written. */
export function damageNotice({ segment, offset, length, from, to }: Damage): string {
  return `${segment} is damaged at byte ${offset} (${length} bytes): lines ${from} to ${to} can't be read.`;
}
