import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import wabt from 'wabt';
import { createNeedle, nearestOf } from '../../../../agent/finding/pattern/needle.ts';
import { assembled, leastBytes, windowBytes } from '../../../../agent/finding/pattern/pair-scanner.ts';

const source = new URL('../../../../agent/finding/pattern/pair-scan.wat', import.meta.url);

it('the scanner’s bytes are what its source is assembled to', async () => {
  const { parseWat } = await wabt();
  const { buffer } = parseWat('pair-scan.wat', readFileSync(source, 'utf8'), { simd: true }).toBinary({});
  expect(assembled).toBe(Buffer.from(buffer).toString('base64'));
});

/** Bytes that differ from those looked for by a case, by the bit of a case where they are no letters, or by one. */
const letters = [...'abAB@`[{1Q '].map((letter) => letter.charCodeAt(0));
const texts = fc.array(fc.constantFrom(...'abAB@[1 '), { minLength: 1, maxLength: 4 }).map((all) => all.join(''));

function placesOf(text: string, haystack: Buffer): number[] {
  const needle = createNeedle(text, false);
  const places = [];
  for (let at = needle.next(haystack, 0); at !== -1; at = needle.next(haystack, at + 1)) places.push(at);
  return places;
}

function naivePlaces(text: string, haystack: Buffer): number[] {
  const all = haystack.toString('latin1').toLowerCase();
  const places = [];
  for (let at = all.indexOf(text.toLowerCase()); at !== -1; at = all.indexOf(text.toLowerCase(), at + 1))
    places.push(at);
  return places;
}

it('a text is found in either case, and nothing else is, where the scanner looks and where it does not', () => {
  fc.assert(
    fc.property(
      texts,
      fc.uint8Array({ maxLength: 200 }).map((bytes) => bytes.map((byte) => letters[byte % letters.length] as number)),
      fc.constantFrom(0, 4096, windowBytes - 100, windowBytes, 2 * windowBytes - 1),
      fc.nat(200),
      fc.constantFrom(...'.aBb'),
      (text, bytes, before, after, filling) => {
        const haystack = Buffer.concat([Buffer.alloc(before, `${filling}..`), bytes, Buffer.alloc(after, '.')]);
        expect(placesOf(text, haystack)).toEqual(naivePlaces(text, haystack));
      },
    ),
    { numRuns: 500 },
  );
});

it('a text with an `s` is found where a long one stands for it, as an expression finds it', () => {
  const signs = [...'sSſakK. ', 'ÿ', 'ž'];
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...'sakS.'), { minLength: 1, maxLength: 5 }).map((all) => all.join('')),
      fc.array(fc.constantFrom(...signs), { maxLength: 60 }).map((all) => all.join('')),
      fc.constantFrom(0, 4096),
      (text, line, filling) => {
        const all = '.'.repeat(filling) + line;
        const expression = new RegExp(text.replaceAll('.', '\\.'), 'iuy');
        const expected: number[] = [];
        for (let at = 0; at < all.length; at++) {
          expression.lastIndex = at;
          if (expression.test(all)) expected.push(Buffer.byteLength(all.slice(0, at)));
        }
        expect(placesOf(text, Buffer.from(all))).toEqual(expected);
      },
    ),
    { numRuns: 1000 },
  );
});

it('so it is wherever what is copied for the scanner ends', () => {
  const ends: number[] = [];
  for (let size = leastBytes, end = size; size <= windowBytes; size *= 2, end += size - 1) ends.push(end);
  for (const text of ['ab', 'a@', 'bab'])
    for (const end of ends)
      for (let at = end - 12; at < end + 3; at++) {
        const haystack = Buffer.alloc(end + 100, 'a.b.@.');
        haystack.write('.aBab@b..A@', at);
        expect(placesOf(text, haystack), `${text} at ${at}`).toEqual(naivePlaces(text, haystack));
      }
});

it('several look through the same bytes in turn', () => {
  const haystack = Buffer.from(`${'.a'.repeat(2500)}aB Ba bA`.repeat(60));
  const needles = ['ab', 'ba'].map((text) => createNeedle(text, false));
  const both = nearestOf(needles);
  const places = [];
  for (let at = both.next(haystack, 0); at !== -1; at = both.next(haystack, at + 1)) places.push(at);
  const expected = ['ab', 'ba'].flatMap((text) => naivePlaces(text, haystack)).sort((a, b) => a - b);
  expect(places).toEqual(expected);
});

it('bytes that are changed between two searches are looked at anew', () => {
  const haystack = Buffer.alloc(10_000, '.');
  const needle = createNeedle('ab', false);
  haystack.write('AB', 5000);
  expect(needle.next(haystack, 0)).toBe(5000);
  // Its reader wants no more of them.
  haystack.fill('.').write('aB', 7000);
  const other = createNeedle('ab', false);
  expect(other.next(haystack, 0)).toBe(7000);
});
