/**
 * Where escape sequences end, by ECMA-48 and xterm's ctlseqs: the one scanner, for text and for the UTF-8 bytes of
 * text. Bytes are not searched for C1 characters, which programs hardly send and which cost a look at every other
 * letter.
 */
export type Sequences = Buffer | string;

/** What stands after the ESC of a control string. */
export type StringIntroducer = ']' | 'P' | '_' | '^' | 'X' | 'k';

const esc = 0x1b;
const bel = 0x07;
const introducers = codesOf(']P_^Xk');
/** Control strings that BEL ends as well as ST: programs end not only OSC with it (Buildkite its APC). */
const endedByBel = codesOf(']P_^');
const dcs = 'P'.charCodeAt(0);

export function codesOf(characters: string): ReadonlySet<number> {
  return new Set([...characters].map((character) => character.charCodeAt(0)));
}

/** The index after the sequence whose ESC is at `at`; undefined when it is not complete before `end`. */
export function sequenceEnd(source: Sequences, at: number, end: number): number | undefined {
  if (at + 1 >= end) return undefined;
  const kind = unitAt(source, at + 1);
  if (kind === 0x5b) {
    const final = csiFinalAt(source, at + 2, end);
    return final === end ? undefined : isFinal(unitAt(source, final)) ? final + 1 : final;
  }
  if (introducers.has(kind)) {
    const string = controlStringEnd(source, at + 2, end, kind);
    // A string that something else than its terminator ends counts as its introducer only.
    return string === 'open' ? undefined : string === 'broken' ? at + 2 : string.end;
  }
  let after = at + 1;
  while (after < end && isBetween(unitAt(source, after), 0x20, 0x2f)) after++;
  if (after === end) return undefined;
  return isBetween(unitAt(source, after), 0x30, 0x7e) ? after + 1 : after;
}

/** Of a control sequence's final character, or of what stands in its place; `end` where it is cut off. */
export function csiFinalAt(source: Sequences, from: number, end: number): number {
  let at = from;
  while (at < end && isBetween(unitAt(source, at), 0x20, 0x3f)) at++;
  return at;
}

/** Whether a code ends a control sequence. */
export function isFinal(code: number): boolean {
  return isBetween(code, 0x40, 0x7e);
}

/** Whether parameters hold digits, `;` and `:` only. */
export function arePlain(source: Sequences, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (!isBetween(unitAt(source, at), 0x30, 0x3b)) return false;
  return true;
}

/**
 * Where a control string ends whose text begins at `from`. `open`: nothing ends it before `end`. `broken`: another
 * sequence, CAN or SUB begins before its terminator.
 */
export function controlStringEnd(
  source: Sequences,
  from: number,
  end: number,
  introducer: number,
): { bodyEnd: number; end: number } | 'open' | 'broken' {
  const isQuoting = introducer === dcs && startsPassthrough(source, from);
  for (let at = from; at < end; at++) {
    const code = unitAt(source, at);
    // Most of an image is above all of these.
    if (code > 0x1b && (code < 0x80 || code > 0x9f || typeof source !== 'string')) continue;
    if (code === bel) {
      if (endsWithBel(introducer) && !isQuoting) return { bodyEnd: at, end: at + 1 };
    } else if (code === 0x9c) {
      return { bodyEnd: at, end: at + 1 };
    } else if (code === esc) {
      if (at + 1 >= end) return 'open';
      const next = unitAt(source, at + 1);
      if (next === 0x5c) return { bodyEnd: at, end: at + 2 };
      // One within another is not followed: looking for the end of each anew would take the square of the text.
      if (!isQuoting || next !== esc || isAt(source, at + 2, 'Ptmux;')) return 'broken';
      at++;
    } else if (code === 0x18 || code === 0x1a || code >= 0x80) {
      return 'broken';
    }
  }
  return 'open';
}

export function endsWithBel(introducer: number): boolean {
  return endedByBel.has(introducer);
}

/** Whether at an ESC a control string begins. */
export function startsControlString(source: Sequences, at: number): boolean {
  return introducers.has(unitAt(source, at + 1));
}

/** tmux passes on what stands in such a DCS, with each ESC in it doubled. */
export function startsPassthrough(source: Sequences, from: number): boolean {
  return isAt(source, from, 'tmux;');
}

export function isAt(source: Sequences, from: number, wanted: string): boolean {
  for (let at = 0; at < wanted.length; at++) if (unitAt(source, from + at) !== wanted.charCodeAt(at)) return false;
  return true;
}

/** NaN past the end, as no comparison holds for it. */
function unitAt(source: Sequences, at: number): number {
  return typeof source === 'string' ? source.charCodeAt(at) : (source[at] ?? Number.NaN);
}

/** False for NaN too. */
export function isBetween(code: number, low: number, high: number): boolean {
  return code >= low && code <= high;
}
