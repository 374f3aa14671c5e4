import type { Level } from '../../text/level.ts';

/** What is remembered of a line's level. `unread`: a line that can't be read. */
export const levelCodes = { none: 0, debug: 1, info: 2, warn: 3, error: 4, unread: 5 } as const;

const byCode: readonly (Level | undefined)[] = [undefined, 'debug', 'info', 'warn', 'error'];

export function codeOf(level: Level | undefined): number {
  return level === undefined ? levelCodes.none : levelCodes[level];
}

export function levelOfCode(code: number): Level | undefined {
  return byCode[code];
}
