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
