import { Row } from '../row/row.ts';

const lf = 0x0a;
const cr = 0x0d;

/**
 * Where a program wraps a line itself: line editors print one character past the right edge and then CR, which puts
 * the cursor at the next row's start. A single row can't show that. Other programs that return in a longer line take
 * it for one row.
 *
 * @param unfinished what stands before the bytes in their first line; undefined where that is not known
 * @returns the CR's offset
 */
export function findWrap(bytes: Buffer, unfinished: string | undefined, columns: number): number | undefined {
  for (let at = nextReturn(bytes, 0); at !== -1; ) {
    const lineFeed = at > 0 ? bytes.lastIndexOf(lf, at - 1) : -1;
    const isFirstLine = lineFeed === -1;
    const before = bytes.subarray(lineFeed + 1, at);
    if (!before.includes(cr) && !(isFirstLine && unfinished?.includes('\r') !== false)) {
      const row = new Row();
      row.write((isFirstLine ? (unfinished ?? '') : '') + before.toString());
      if (row.end > columns && row.end % columns === 1) return at;
    }
    // A line's first CR is the only one that counts.
    const lineEnd = bytes.indexOf(lf, at);
    at = lineEnd === -1 ? -1 : nextReturn(bytes, lineEnd);
  }
  return undefined;
}

/** The next CR that ends no line; -1 where there is none. */
function nextReturn(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(cr, from);
  while (at !== -1) {
    let next = at + 1;
    while (bytes[next] === cr) next++;
    if (bytes[next] !== lf) return at;
    at = bytes.indexOf(cr, next);
  }
  return -1;
}
