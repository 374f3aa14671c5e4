/**
 * Hexadecimal digits that tell names apart, on this machine and others. Not for secrets: V8's generator is seeded by
 * the system, but what comes next can be computed. Loading node:crypto takes 5 ms of a start.
 */
export function randomHex(bytes: number): string {
  return Array.from({ length: bytes }, () =>
    Math.floor(Math.random() * 256)
      .toString(16)
      .padStart(2, '0'),
  ).join('');
}
