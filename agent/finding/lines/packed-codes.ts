/** Codes below 16, one for each of many lines, of which most that follow each other are the same. */
export interface PackedCodes {
  /** For each so many lines the code that all of them have, or 16 and more for which part of `mixed` has theirs. */
  readonly steps: Uint8Array;
  /** Half a byte for each line. */
  readonly mixed: Uint8Array;
}

/** Which codes are looked for. */
export interface WantedCodes {
  /** 1 for each of them; of two lines at a time: other than 0 where one of them has one. */
  readonly codes: Uint8Array;
  readonly pairs: Uint8Array;
}

const stepBits = 8;
const stepLines = 1 << stepBits;
const inStep = stepLines - 1;
const partBytes = stepLines / 2;
const codeCount = 16;

export function wantedCodes(wanted: readonly number[]): WantedCodes {
  const codes = new Uint8Array(codeCount);
  for (const code of wanted) codes[code] = 1;
  return {
    codes,
    pairs: new Uint8Array(256).map((_, pair) => (codes[pair & 15] as number) | (codes[pair >> 4] as number)),
  };
}

/** @param codes a byte each; a multiple of 256 of them */
export function packCodes(codes: Uint8Array): PackedCodes {
  const steps = new Uint8Array(codes.length >> stepBits);
  const mixed = new Uint8Array(codes.length / 2);
  let parts = 0;
  for (let step = 0; step < steps.length; step++) {
    const start = step << stepBits;
    const first = codes[start] as number;
    let end = start + 1;
    while (end < start + stepLines && codes[end] === first) end++;
    steps[step] = first;
    if (end === start + stepLines) continue;
    steps[step] = codeCount + parts;
    for (let i = 0; i < partBytes; i++)
      mixed[parts * partBytes + i] = (codes[start + 2 * i] as number) | ((codes[start + 2 * i + 1] as number) << 4);
    parts++;
  }
  return { steps, mixed: mixed.slice(0, parts * partBytes) };
}

export function unpackCodes(packed: PackedCodes): Uint8Array {
  return new Uint8Array(packed.steps.length << stepBits).map((_, index) => codeIn(packed, index));
}

export function codeIn({ steps, mixed }: PackedCodes, index: number): number {
  const step = steps[index >> stepBits] as number;
  if (step < codeCount) return step;
  return mixedCode(mixed, step, index);
}

/** Visits the lines `[from, to]` that have a code which is wanted: most are passed over many at once. */
export function visitWanted(
  { steps, mixed }: PackedCodes,
  { codes, pairs }: WantedCodes,
  from: number,
  to: number,
  visit: (index: number, code: number) => void,
): void {
  for (let start = from; start <= to; start = (start | inStep) + 1) {
    const end = Math.min(to, start | inStep);
    const step = steps[start >> stepBits] as number;
    if (step < codeCount) {
      for (let at = start; codes[step] === 1 && at <= end; at++) visit(at, step);
      continue;
    }
    for (let at = start; at <= end; at++) {
      if ((at & 1) === 0) while (at < end && pairs[mixed[placeIn(step, at)] as number] === 0) at += 2;
      if (at > end) break;
      const code = mixedCode(mixed, step, at);
      if (codes[code] === 1) visit(at, code);
    }
  }
}

function mixedCode(mixed: Uint8Array, step: number, index: number): number {
  return ((mixed[placeIn(step, index)] as number) >> (4 * (index & 1))) & 15;
}

function placeIn(step: number, index: number): number {
  return (step - codeCount) * partBytes + ((index & inStep) >> 1);
}
