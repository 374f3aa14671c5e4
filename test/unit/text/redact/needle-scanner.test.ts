import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import wabt from 'wabt';
import {
  assembled,
  createNeedleScans,
  type Finder,
  isUnseenAt,
  signsAPass,
  windowBytes,
} from '../../../../agent/text/redact/needle-scanner.ts';

const source = new URL('../../../../agent/text/redact/needle-scan.wat', import.meta.url);

it('its bytes are what its source is assembled to', async () => {
  const { parseWat } = await wabt();
  const { buffer } = parseWat('needle-scan.wat', readFileSync(source, 'utf8'), { simd: true }).toBinary({});
  expect(assembled).toBe(Buffer.from(buffer).toString('base64'));
});

const scansOf = (needles: readonly Buffer[], isUnseenFound: boolean) =>
  createNeedleScans(needles, isUnseenFound) as Finder[];

/** All places that are found, of all scans. */
function placesIn(bytes: Buffer, scans: readonly Finder[], from = 0): number[] {
  const places = new Set<number>();
  for (const next of scans) {
    for (let at = next(bytes, from); at !== Number.POSITIVE_INFINITY; at = next(bytes, at + 1)) places.add(at);
  }
  return [...places].sort((a, b) => a - b);
}

function naivePlacesIn(bytes: Buffer, needles: readonly Buffer[], isUnseenFound: boolean, from = 0): number[] {
  return Array.from(bytes.keys()).filter(
    (at) =>
      at >= from &&
      ((isUnseenFound && isUnseenAt(bytes, at)) ||
        needles.some((needle) => needle.equals(bytes.subarray(at, at + needle.length)))),
  );
}

const piece = fc.constantFrom(
  'a',
  'b',
  'ab',
  'key',
  'KEY',
  '-',
  '0',
  'ä',
  '\t',
  '\n',
  '\x1b[m',
  '\x7f',
  '\x08',
  '\u0085',
);
const text = (most: number) => fc.array(piece, { maxLength: most }).map((all) => Buffer.from(all.join('')));
const needle = fc
  .array(fc.constantFrom('a', 'b', 'ab', 'key', 'KEY', '-', '0', 'ä'), { minLength: 3, maxLength: 8 })
  .map((all) => Buffer.from(all.join('')));

describe('what is found', () => {
  it('is each place at which a text begins or a byte is not shown, and no other', () => {
    const needles = fc.array(needle, { maxLength: 3 * signsAPass });
    fc.assert(
      fc.property(needles, text(200), fc.boolean(), fc.nat(20), (needles, bytes, isUnseenFound, from) => {
        const scans = scansOf(needles, isUnseenFound);
        expect(placesIn(bytes, scans, from)).toEqual(naivePlacesIn(bytes, needles, isUnseenFound, from));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([0, 4094, 4096, windowBytes - 2, windowBytes + 4094, 2 * windowBytes])(
    'is found wherever it is: after %i bytes and some more',
    (before) => {
      fc.assert(
        fc.property(needle, text(30), fc.nat(8), (needle, after, more) => {
          const bytes = Buffer.concat([Buffer.alloc(before + more, 'x'), needle, after]);
          const places = naivePlacesIn(bytes.subarray(before), [needle], true).map((at) => before + at);
          expect(placesIn(bytes, scansOf([needle], true))).toEqual(places);
        }),
        { numRuns: 30 },
      );
    },
  );

  it('is also a text in another one whose beginning has passed', () => {
    const within = fc.tuple(needle, needle, fc.nat(), fc.boolean()).map(([one, other, at, isFirst]) => {
      const whole = Buffer.concat([one, other]);
      const rest = whole.subarray(1 + (at % (whole.length - 3)));
      return isFirst ? [rest, whole] : [whole, rest];
    });
    fc.assert(
      fc.property(within, (needles) => {
        const bytes = Buffer.concat(needles);
        const places = (from: number) => placesIn(bytes, scansOf(needles, true), from);
        for (const from of bytes.keys()) expect(places(from)).toEqual(naivePlacesIn(bytes, needles, true, from));
      }),
      { numRuns: 100 },
    );
  });

  it('is what stands there now, also where something else was looked for, and in bytes that were written over', () => {
    const [first, second] = [scansOf([Buffer.from('secret')], true), scansOf([Buffer.from('mask')], true)];
    const bytes = Buffer.from('a secret, a mask, a secret');
    expect(first.map((next) => next(bytes, 0))).toEqual([2]);
    expect(second.map((next) => next(bytes, 0))).toEqual([12]);
    expect(first.map((next) => next(bytes, 3))).toEqual([20]);
    bytes.write('secret', 11);
    expect(first.map((next) => next(bytes, 0))).toEqual([2]);
    expect(first.map((next) => next(bytes, 3))).toEqual([11]);
  });

  it('is, of bytes, what the page does not show and is no ESC', () => {
    const shown = new Set(['\t', '\n', '\r', '\x1b']);
    for (let code = 0; code < 0x200; code++) {
      const character = String.fromCodePoint(code);
      const isUnseen = /\p{Cc}/u.test(character) && !shown.has(character);
      expect(placesIn(Buffer.from(`aa${character}`), scansOf([], true))).toEqual(isUnseen ? [2] : []);
    }
    // Half a character.
    expect(placesIn(Buffer.from([0x61, 0xc2]), scansOf([], true))).toEqual([]);
  });
});
