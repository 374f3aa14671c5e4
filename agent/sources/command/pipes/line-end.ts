const lf = 0x0a;

/** With its end, or all that there is. */
export function firstLine(bytes: Buffer): Buffer {
  const end = bytes.indexOf(lf);
  return end === -1 ? bytes : bytes.subarray(0, end + 1);
}

/** No line begins after another one in them. */
export function isOneLine(bytes: Buffer): boolean {
  return firstLine(bytes).length === bytes.length;
}

/** What comes after them is of the same line. */
export function endsAmidLine(bytes: Buffer): boolean {
  return bytes.at(-1) !== lf;
}
