import { isUtf8 } from 'node:buffer';

/**
 * Names of files, arguments and variables are bytes, and not always UTF-8. As raw text, a byte that is not becomes half
 * of a surrogate pair, U+DC80 to U+DCFF, which no UTF-8 holds (as Python has it, PEP 383): such a string is joined,
 * compared and used as a key like any other, and its bytes can be had again.
 */
export function rawText(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString();
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at);
    text +=
      length === 0 ? String.fromCharCode(0xdc00 + (bytes[at] as number)) : bytes.toString('utf8', at, at + length);
    at += Math.max(1, length);
  }
  return text;
}

/** Bytes of the character there, 0 where there is none. */
function characterLength(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  }
  return 0;
}

const rawByte = /(?<![\ud800-\udbff])[\udc80-\udcff]/g;

/** Whether a text holds bytes that are no UTF-8. */
export function isRaw(text: string): boolean {
  return text.search(rawByte) !== -1;
}

/** The bytes that raw text stands for. */
export function rawBytes(text: string): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (const { index } of text.matchAll(rawByte)) {
    parts.push(Buffer.from(text.slice(from, index)), Buffer.of(text.charCodeAt(index) - 0xdc00));
    from = index + 1;
  }
  return Buffer.concat([...parts, Buffer.from(text.slice(from))]);
}

/** A path as the functions of `node:fs` take it. */
export function fsPath(path: string): string | Buffer {
  return isRaw(path) ? rawBytes(path) : path;
}

/** As it is shown: `caf\xe9.log`. Always valid Unicode. */
export function shownText(text: string): string {
  return text.replace(rawByte, (half) => `\\x${(half.charCodeAt(0) - 0xdc00).toString(16)}`);
}

/** A word as it is typed in a shell. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
