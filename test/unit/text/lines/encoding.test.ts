import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { options } from '../../../../agent/cli/options/options.ts';
import { checkEncoding, createMarkedText, decoderOf, encodingNamed } from '../../../../agent/text/lines/encoding.ts';
import { createSplitter, type Splitter } from '../../../../agent/text/lines/splitter.ts';
import { createScreenSplitter } from '../../../../agent/text/screen/screen-splitter.ts';

const fixture = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../../fixtures/terminal/${name}`, import.meta.url)));

function splitting(encoding: string): {
  lines: string[];
  ends: number[];
  splitter: Splitter;
  taken: (length: number) => void;
} {
  const lines: string[] = [];
  const ends: number[] = [];
  let taken = 0;
  const splitter: Splitter = createSplitter(
    {
      line(bytes, start, end) {
        lines.push(bytes.toString('utf8', start, end));
        ends.push(taken - splitter.pending);
      },
    },
    { encoding },
  );
  function add(length: number): void {
    taken += length;
  }
  return { lines, ends, splitter, taken: add };
}

describe('text that is no UTF-8', () => {
  it.each([
    ['18-gbk', 'gbk'],
    ['18b-cp1252', 'windows-1252'],
  ])('%s is read as %s, without a terminal and with one', (name, encoding) => {
    const expected = fixture(`${name}.expect`).toString().trimEnd().split('\n');
    const { lines, splitter } = splitting(encoding);
    splitter.write(fixture(`${name}.bin`));
    splitter.end();
    expect(lines).toEqual(expected);

    const rows: string[] = [];
    const plain = createSplitter({ line: (bytes, start, end) => rows.push(bytes.toString('utf8', start, end)) });
    const screen = createScreenSplitter(plain, { size: () => ({ columns: 120, rows: 40 }), encoding });
    for (const byte of fixture(`${name}.bin`)) screen.write(Buffer.of(byte));
    screen.end();
    expect(rows).toEqual(expected);
  });

  it('gives the same lines however it is cut, and says where each ends in its own bytes', () => {
    const piece = fc.constantFrom(0x41, 0x0a, 0x0d, 0xe9, 0x96, 0x81, 0x20, 0x08);
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (bytes, step) => {
        const text = Buffer.from(bytes);
        const [whole, cut] = [splitting('windows-1252'), splitting('windows-1252')];
        whole.taken(text.length);
        whole.splitter.write(text);
        for (let at = 0; at < text.length; at += step) {
          const chunk = text.subarray(at, at + step);
          cut.taken(chunk.length);
          cut.splitter.write(chunk);
        }
        expect(cut.lines).toEqual(whole.lines);
        expect(cut.ends).toEqual(whole.ends);
        expect(whole.ends).toEqual([...text.keys()].filter((at) => text[at] === 0x0a).map((at) => at + 1));
      }),
    );
  });

  it('of a long line fits the limit and loses nothing', () => {
    const { lines, splitter } = splitting('windows-1252');
    splitter.write(Buffer.concat([Buffer.alloc(600_000, 0x80), Buffer.from('\n')]));
    expect(lines.join('')).toBe('€'.repeat(600_000));
    for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(262_144);
  });

  it('shows an unfinished line as it is', () => {
    const { splitter } = splitting('gbk');
    splitter.write(fixture('18-gbk.bin').subarray(0, 15));
    expect(splitter.partial()).toBe('2024-05-01 错误');
  });
});

it.each([
  ['cp1252', 'windows-1252'],
  ['GBK', 'gbk'],
  ['utf8', 'utf-8'],
  ['Shift_JIS', 'shift_jis'],
  ['sjis', 'shift_jis'],
  ['utf-16le', undefined],
  ['iso-2022-jp', undefined],
  ['klingon', undefined],
])('the encoding named %s is %s', (name, encoding) => {
  expect(encodingNamed(name)).toBe(encoding);
  if (encoding === undefined) expect(() => checkEncoding(name)).toThrow('expects an ASCII-compatible one');
});

/** All of the Encoding standard that write ASCII as it is. */
const asciiCompatible = [
  ...['utf-8', 'ibm866', 'koi8-r', 'koi8-u', 'macintosh', 'x-mac-cyrillic', 'windows-874', 'gbk', 'gb18030', 'big5'],
  ...['euc-jp', 'shift_jis', 'euc-kr', ...[2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15].map((part) => `iso-8859-${part}`)],
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((part) => `windows-125${part}`),
];

it('every encoding that writes ASCII as it is can be named, and ASCII is as it is in it', () => {
  const ascii = Buffer.from(Array.from({ length: 0x80 }, (_, code) => code));
  const refused = asciiCompatible.filter((name) => encodingNamed(name) !== name);
  const others = asciiCompatible.filter((name) => (decoderOf(name)?.(ascii) ?? `${ascii}`) !== `${ascii}`);
  expect({ refused, others }).toEqual({ refused: [], others: [] });
});

it('encodings that are named as examples are taken', () => {
  const { help, expects } = options.encoding;
  for (const [name] of `${help} ${expects}`.matchAll(/\b(?:gbk|shift_jis|[a-z]+-\d+)\b/g)) {
    expect(encodingNamed(name)).toBe(name);
  }
});

describe('text that may begin with a byte order mark of UTF-16', () => {
  const sample = 'a line: Größe 日本 😀\r\nand one more';
  const little = Buffer.from(`\ufeff${sample}`, 'utf16le');
  const big = Buffer.from(little).swap16();

  it.each([
    ['little endian', little, sample],
    ['big endian', big, sample],
    ['UTF-8', Buffer.from(sample), sample],
    ['Latin-1 that begins with a byte of a mark', Buffer.from('\xffa', 'latin1'), '\ufffda'],
    ['one byte of a mark', Buffer.from([0xfe]), '\ufffd'],
    ['nothing', Buffer.alloc(0), ''],
  ])('%s becomes the same text however it is cut', (_, bytes, text) => {
    for (const length of [1, 2, 3, 7, 1000]) {
      const marked = createMarkedText();
      for (let round = 0; round < 2; round++) {
        const parts: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += length) parts.push(marked.take(bytes.subarray(at, at + length)));
        parts.push(marked.end());
        expect(Buffer.concat(parts).toString()).toBe(text);
      }
    }
  });
});

describe('a long line in an encoding of several bytes', () => {
  it.each([
    ['gbk', [0xd6, 0xd0], '中'],
    ['big5', [0xa4, 0xa4], '中'],
    ['shift_jis', [0x92, 0x86], '中'],
    ['euc-jp', [0xc3, 0xe6], '中'],
    ['euc-jp', [0x8f, 0xb0, 0xa1], '丂'],
    ['euc-kr', [0xb0, 0xa1], '가'],
    ['gb18030', [0x95, 0x32, 0x82, 0x36], '𠀀'],
  ])('is never cut within a character: %s %j', (encoding, bytes, character) => {
    const count = 1000;
    for (const before of ['', 'a', 'ab', 'abc', 'abc ']) {
      const line = Buffer.concat([Buffer.from(before), ...Array.from({ length: count }, () => Buffer.from(bytes))]);
      for (const chunkLength of [line.length, 100, 1]) {
        const pieces: string[] = [];
        const splitter = createSplitter(
          { line: (given, start, end) => pieces.push(given.toString('utf8', start, end)) },
          { encoding, maxLineBytes: 1024 },
        );
        for (let at = 0; at < line.length; at += chunkLength) {
          splitter.write(line.subarray(at, at + chunkLength));
          expect(splitter.partial()).not.toContain('\ufffd');
        }
        splitter.end();
        expect(pieces.length).toBeGreaterThan(1);
        expect(pieces.join('')).toBe(before + character.repeat(count));
      }
    }
  });
});
