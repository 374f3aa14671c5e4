import { readFileSync } from 'node:fs';

/** Descriptors that connections must leave: to segments of journals, the sources, the command. */
const mostReserved = 256;

/**
 * How many connections there may be before none of the files can be opened that they want to read.
 *
 * @param limit descriptors that this process may have, `ulimit -n`
 */
export function connectionsWithin(limit: number): number {
  return Math.max(1, limit - Math.min(mostReserved, Math.ceil(limit / 2)));
}

/** `ulimit -n`; infinite where it can't be known. */
export function openFileLimit(): number {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit === undefined ? Number.POSITIVE_INFINITY : Number(limit);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
