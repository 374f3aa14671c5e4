import { causeOf } from '../words/errors.ts';
import type { Damage } from './journal.ts';

/** One sentence for a journal that can't be written right now: what is the matter, where, and that nothing is lost. */
export function writeTrouble(dir: string, error: unknown): string {
  return `The journal in ${dir} can't be written: ${causeOf(error)}. Reading pauses until it can be written again; nothing is lost.`;
}

/** One sentence for a part of a journal that is not what was written. */
export function damageNotice({ segment, offset, length, from, to }: Damage): string {
  return `${segment} is damaged at byte ${offset} (${length} bytes): lines ${from} to ${to} can't be read.`;
}
