import type { FileHandle } from 'node:fs/promises';
import { type Encoding, isUtf16 } from './utf16.ts';

/** Where reading a file begins: with its last n lines, with line n (1 is the first), or with its first byte. */
export type StartAt = { last: number } | { line: number } | 'all';

/** `-n`'s words for a start, as a log's description has them. */
export function startText(start: StartAt): string {
  if (start === 'all') return 'all';
  return 'last' in start ? String(start.last) : `+${start.line}`;
}

/** The start that `startText` wrote. */
export function startFrom(text: string): StartAt {
  if (text === 'all') return 'all';
  const number = Number(text);
  return text.startsWith('+') ? { line: number } : { last: number };
}

const blockBytes = 256 * 1024;

/**
 * The offset at which the last `lines` lines of a file of `size` bytes begin. Reads backwards and no further than it
 * has to, so it costs the same on a whole disk's worth of text. An unfinished last line counts as a line.
 */
export async function lastLinesOffset(
  handle: FileHandle,
  size: number,
  lines: number,
  encoding: Encoding = 'unmarked',
): Promise<number> {
  if (lines === 0) return size;
  const unitBytes = isUtf16(encoding) ? 2 : 1;
  const block = Buffer.allocUnsafe(Math.min(blockBytes, size));
  let missing = lines;
  // The line end at the very end ends the last line, it does not begin another one.
  let end = size - (size % unitBytes) - unitBytes;
  while (end > 0) {
    const start = Math.max(0, end - (end % blockBytes || blockBytes));
    const { bytesRead } = await handle.read(block, 0, end - start, start);
    // Cut meanwhile: what the file holds now is all new.
    if (bytesRead < end - start) return 0;
    let at = bytesRead;
    while (at > 0) {
      at = lastLineEnd(block, at, encoding);
      if (at === -1) break;
      missing--;
      if (missing === 0) return start + at + unitBytes;
    }
    end = start;
  }
  return 0;
}

/** Index of the last line end before `end` (both on a unit's boundary), or -1. */
function lastLineEnd(block: Buffer, end: number, encoding: Encoding): number {
  if (!isUtf16(encoding)) return block.lastIndexOf(10, end - 1);
  const [low, high] = encoding === 'utf16le' ? [0, 1] : [1, 0];
  for (let at = end - 2; at >= 0; at -= 2) {
    if (block[at + low] === 10 && block[at + high] === 0) return at;
  }
  return -1;
}
