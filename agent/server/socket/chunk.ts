/** What stands before the bytes of a chunk (RFC 9112, 7.1). */
export function chunkHead(length: number): Buffer {
  return Buffer.from(chunkHeadText(length), 'latin1');
}

export function chunkHeadText(length: number): string {
  return `${length.toString(16)}\r\n`;
}

/** What stands after them. */
export const chunkTail = Buffer.from('\r\n', 'latin1');
