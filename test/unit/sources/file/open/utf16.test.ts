import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createUtf16Text, markOf, mayBecomeMark } from '../../../../../agent/sources/file/open/utf16.ts';

describe.each(['utf16le', 'utf16be'] as const)('%s', (encoding) => {
  const bytesOf = (text: string) => {
    const bytes = Buffer.from(text, 'utf16le');
    return encoding === 'utf16le' ? bytes : bytes.swap16();
  };

  test('however the bytes are cut, the text comes whole, and only what is a line is given', () => {
    fc.assert(
      fc.property(
        fc
          .array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant('\n')))
          .map((all) => all.join('').toWellFormed()),
        fc.array(fc.nat({ max: 40 })),
        (text, cuts) => {
          const reader = createUtf16Text(encoding);
          const bytes = bytesOf(text);
          let at = 0;
          let given = '';
          for (const cut of [...cuts, bytes.length]) {
            const piece = reader.push(bytes.subarray(at, at + cut)).toString();
            expect(piece === '' || piece.endsWith('\n')).toBe(true);
            given += piece;
            at = Math.min(bytes.length, at + cut);
            expect(bytesOf(given).length + reader.heldBytes).toBe(at);
          }
          expect(given + reader.flush().toString()).toBe(text);
        },
      ),
    );
  });

  test('a line without end is held in bounded memory', () => {
    const reader = createUtf16Text(encoding);
    const bytes = bytesOf('😀'.repeat(10_000));
    let given = '';
    for (let at = 0; at < 100; at++) {
      given += reader.push(bytes.subarray(0, bytes.length - 2)).toString();
      given += reader.push(bytes.subarray(bytes.length - 2)).toString();
      expect(reader.heldBytes).toBeLessThanOrEqual(256 * 1024);
    }
    expect(given + reader.flush().toString()).toBe('😀'.repeat(1_000_000));
  });
});

test.each([
  ['fffe6100', { encoding: 'utf16le', length: 2 }],
  ['feff0061', { encoding: 'utf16be', length: 2 }],
  ['efbbbf61', { encoding: 'utf8', length: 3 }],
  ['6162', { encoding: 'unmarked', length: 0 }],
  ['', { encoding: 'unmarked', length: 0 }],
])('the byte order mark of %s', (hex, expected) => {
  expect(markOf(Buffer.from(hex, 'hex'))).toEqual(expected);
});

test.each([
  ['ff', true],
  ['ef', true],
  ['efbb', true],
  ['61', false],
  ['efbbbf', false],
  ['fffe', false],
])('%s may become a byte order mark: %s', (hex, expected) => {
  expect(mayBecomeMark(Buffer.from(hex, 'hex'))).toBe(expected);
});
