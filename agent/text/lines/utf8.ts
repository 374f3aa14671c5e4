/**
 * How many bytes the next character takes at `at`, by the WHATWG decoder
 * (https://encoding.spec.whatwg.org/#utf-8-decoder): positive for a valid one, negative for bytes that together become
 * one U+FFFD.
 */
export function characterLength(bytes: Buffer, at: number, end: number): number {
  const lead = bytes[at] as number;
  if (lead < 0x80) return 1;
  const needed = continuationsOf(lead);
  if (needed === 0) return -1;
  for (let index = 1; index <= needed; index++) {
    if (at + index >= end) return -index;
    const byte = bytes[at + index] as number;
    const [low, high] = index === 1 ? secondRange(lead) : anyContinuation;
    if (byte < low || byte > high) return -index;
  }
  return needed + 1;
}

/** The last index up to `at` where a character can begin. `bytes[at]` exists. */
export function characterStart(bytes: Buffer, at: number, from: number): number {
  for (let start = at; start >= from && start > at - 4; start--) {
    if (!isContinuation(bytes[start] as number)) return start;
  }
  return at;
}

/** Where the bytes up to `end` stop being whole characters: `end`, or the start of one that has only begun. */
export function wholeCharactersEnd(bytes: Buffer, from: number, end: number): number {
  if (end === from) return end;
  const start = characterStart(bytes, end - 1, from);
  const length = characterLength(bytes, start, end);
  return length < 0 && start - length === end && continuationsOf(bytes[start] as number) >= end - start ? start : end;
}

const anyContinuation = [0x80, 0xbf] as const;

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

function continuationsOf(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 1;
  if (lead >= 0xe0 && lead <= 0xef) return 2;
  return lead >= 0xf0 && lead <= 0xf4 ? 3 : 0;
}

function secondRange(lead: number): readonly [number, number] {
  if (lead === 0xe0) return [0xa0, 0xbf];
  if (lead === 0xed) return [0x80, 0x9f];
  if (lead === 0xf0) return [0x90, 0xbf];
  return lead === 0xf4 ? [0x80, 0x8f] : anyContinuation;
}
