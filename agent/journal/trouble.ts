import { errorCode } from '../errors.ts';
import type { Damage } from './journal.ts';

/** One sentence for a journal that can't be written right now: what is the matter, where, and that nothing is lost. */
export function writeTrouble(dir: string, error: unknown): string {
  return `The journal in ${dir} can't be written: ${causeOf(error)}. Reading waits until it works again; nothing is lost.`;
}

/** One sentence for a part of a journal that is not what was written. */
export function damageNotice({ segment, offset, length, from, to }: Damage): string {
  return `${segment} is damaged at byte ${offset} (${length} bytes): lines ${from} to ${to} can't be read.`;
}

/** Why something can't be written, in a few words and with the system's own. */
export function causeOf(error: unknown): string {
  const code = errorCode(error);
  const cause = (code === undefined ? undefined : causes[code]) ?? messageOf(error);
  return `${cause}${code === undefined ? '' : ` (${code})`}`;
}

const causes: Record<string, string | undefined> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file size limit is reached',
  EIO: 'the disk reports an error',
  EROFS: 'the file system is read-only',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EMFILE: 'too many files are open in this process',
  ENFILE: 'too many files are open on this machine',
  ENOTDIR: 'something that is no folder stands in its place',
};

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
