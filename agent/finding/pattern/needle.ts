import { pairScanner } from './pair-scanner.ts';

/** Looks for a text in many bytes, by native searches or SIMD instructions: at about the speed of memory. */
export interface Needle {
  /**
   * Where it may be next, from `from` on; -1 where it is nowhere any more. To be called with `from` that only grows for
   * the same bytes.
   */
  next(bytes: Buffer, from: number): number;
  /** It is where `next` says. */
  readonly isExact: boolean;
}

/** @param text in NFC */
export function createNeedle(text: string, isExactCase: boolean): Needle {
  // No line holds a line end.
  if (/[\r\n]/.test(text)) return { next: () => -1, isExact: true };
  if (text === '') return anywhere;
  if (isExactCase || !hasCase.test(text)) {
    const bytes = Buffer.from(text);
    return { next: (haystack, from) => haystack.indexOf(bytes, from), isExact: true };
  }
  const run = longestAsciiRun(text);
  if (run === '') return anywhere;
  const lower = Buffer.from(run.toLowerCase());
  const folded = foldedNeedle(lower, run === text);
  return lower.includes(letterS) ? nearestOf([folded, longSNeedle(lower, run === text)]) : folded;
}

/** Letters, and what else has two cases: `ⓐ`, `ⅷ`, a combining iota. */
const hasCase = /[\p{L}\p{Changes_When_Casemapped}\p{Changes_When_Casefolded}]/u;

/** The nearest of several needles. */
export function nearestOf(needles: readonly Needle[]): Needle {
  const [only] = needles;
  if (only !== undefined && needles.length === 1) return only;
  const places = needles.map(() => -1);
  let searched: Buffer | undefined;
  return {
    isExact: needles.every(({ isExact }) => isExact),
    next(haystack, from) {
      if (haystack !== searched) places.fill(-1);
      searched = haystack;
      let nearest = Number.POSITIVE_INFINITY;
      for (const [i, needle] of needles.entries()) {
        if ((places[i] as number) < from) {
          const place = needle.next(haystack, from);
          places[i] = place === -1 ? Number.POSITIVE_INFINITY : place;
        }
        nearest = Math.min(nearest, places[i] as number);
      }
      if (nearest !== Number.POSITIVE_INFINITY) return nearest;
      searched = undefined;
      return -1;
    },
  };
}

/** Nothing that could be looked for as bytes: each line has to be tested. */
const anywhere: Needle = { next: (haystack, from) => (from < haystack.length ? from : -1), isExact: false };

/** In fewer bytes it does not matter. */
const sampleBytes = 4096;
/** A native search stops at each place where its first byte stands: with more of them the scanner is faster. */
const mostStops = 60;

/**
 * Case is ignored: the rarest two bytes that stand side by side are looked for in each of their spellings, or in all of
 * them at once where they are common, and the rest is compared where one is found. Folding the haystack would cost
 * three times as much.
 */
function foldedNeedle(lower: Buffer, isWhole: boolean): Needle {
  const pairAt = rarestPairAt(lower);
  const pair = lower.subarray(pairAt, pairAt + 2);
  const spellings = spellingsOf(pair);
  const places = spellings.map(() => -1);
  let searched: Buffer | undefined;
  /** Undefined until there was enough to tell. */
  let isCommon: boolean | undefined;

  function nextPair(haystack: Buffer, from: number): number {
    if (haystack !== searched) places.fill(-1);
    searched = haystack;
    let nearest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < spellings.length; i++) {
      let place = places[i] as number;
      if (place < from) {
        place = haystack.indexOf(spellings[i] as Buffer, from);
        if (place === -1) place = Number.POSITIVE_INFINITY;
        places[i] = place;
      }
      if (place < nearest) nearest = place;
    }
    return nearest === Number.POSITIVE_INFINITY ? -1 : nearest;
  }

  const folded: Needle = {
    isExact: isWhole,
    next(haystack, from) {
      const isLong = pair.length === 2 && haystack.length >= sampleBytes;
      if (isLong) isCommon ??= stopsIn(haystack.subarray(0, sampleBytes), pair) > mostStops;
      const scanner = isLong && isCommon ? pairScanner() : undefined;
      for (let at = from + pairAt; ; at++) {
        at = scanner ? scanner.next(haystack, at, pair, folded) : nextPair(haystack, at);
        if (at === -1) {
          searched = undefined;
          return -1;
        }
        if (isFoldedAt(haystack, at - pairAt, lower)) return at - pairAt;
      }
    },
  };
  return folded;
}

/**
 * Where case is ignored `ſ` is an `s`, and no other character beyond ASCII is one of its letters: the Kelvin sign is a
 * `K` in NFC. It is rare, and around each the rest is compared.
 */
const longS = Buffer.from('ſ');
const letterS = 0x73;

function longSNeedle(lower: Buffer, isWhole: boolean): Needle {
  /** How many characters may stand before one of them, the most first. */
  const before = Array.from(lower.keys())
    .filter((i) => lower[i] === letterS)
    .reverse();

  return {
    isExact: isWhole,
    next(haystack, from) {
      for (let at = haystack.indexOf(longS, from); at !== -1; at = haystack.indexOf(longS, at + 1)) {
        for (const characters of before) {
          const start = startBefore(haystack, at, characters);
          if (start >= from && isAnySAt(haystack, start, lower)) return start;
        }
      }
      return -1;
    },
  };
}

/** Where so many characters before a place begin, if each is one of ASCII or `ſ`. */
function startBefore(haystack: Buffer, at: number, characters: number): number {
  let start = at;
  for (let left = characters; left > 0; left--) start -= isLongSAt(haystack, start - longS.length) ? longS.length : 1;
  return start;
}

function isLongSAt(haystack: Buffer, at: number): boolean {
  return haystack[at] === longS[0] && haystack[at + 1] === longS[1];
}

/** As `isFoldedAt`, with `ſ` for an `s`. */
function isAnySAt(haystack: Buffer, start: number, lower: Buffer): boolean {
  let at = start;
  for (const letter of lower) {
    if (letter === letterS && isLongSAt(haystack, at)) at += longS.length;
    else if (at >= haystack.length || lowerCase(haystack[at++] as number) !== letter) return false;
  }
  return true;
}

function stopsIn(sample: Buffer, [first]: Buffer): number {
  let stops = 0;
  for (const byte of sample) if (lowerCase(byte) === first) stops++;
  return stops;
}

function isFoldedAt(haystack: Buffer, start: number, lower: Buffer): boolean {
  if (start + lower.length > haystack.length) return false;
  for (let i = 0; i < lower.length; i++) if (lowerCase(haystack[start + i] as number) !== lower[i]) return false;
  return true;
}

function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

/** What logs hold most of, the most common first. A native search stops at each place where the first byte stands. */
const common = [...' e0t1ao2i3ns4r-5:hl6d7c8u9m.f/pgwy_b"=v,k[]()xjqz'];

function rarestPairAt(lower: Buffer): number {
  let best = 0;
  let bestRarity = -1;
  for (let at = 0; at < Math.max(1, lower.length - 1); at++) {
    const rarity = 3 * rarityOf(lower[at] as number) + rarityOf(lower[at + 1] ?? 0x20);
    if (rarity > bestRarity) [best, bestRarity] = [at, rarity];
  }
  return best;
}

function rarityOf(byte: number): number {
  const letter = String.fromCharCode(byte);
  const rank = common.indexOf(letter);
  if (rank === -1) return common.length;
  return inLevels.has(letter) ? Math.min(rank, commonCapital) : rank;
}

/** Where case is ignored the capitals count as well, and the name of a level stands in most lines. */
const inLevels = new Set('infowarnerrordebug');
const commonCapital = 5;

/** `er`, `eR`, `Er`, `ER` */
function spellingsOf(lower: Buffer): Buffer[] {
  let spellings = [''];
  for (const letter of lower.toString('latin1')) {
    const cases = new Set([letter, letter.toUpperCase()]);
    spellings = spellings.flatMap((begun) => [...cases].map((one) => begun + one));
  }
  return spellings.map((spelling) => Buffer.from(spelling));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const asciiRun = /[\x00-\x7f]+/g;

function longestAsciiRun(text: string): string {
  let longest = '';
  for (const [run] of text.matchAll(asciiRun)) if (run.length > longest.length) longest = run;
  return longest;
}
