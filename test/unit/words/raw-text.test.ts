import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fsPath, isRaw, rawBytes, rawText, shownText } from '../../../agent/words/raw-text.ts';

test('any bytes come back from raw text', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(rawBytes(rawText(Buffer.from(bytes)))).toEqual(Buffer.from(bytes));
    }),
  );
});

test('any text stays what it is, emoji included', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (text) => {
      expect(rawText(Buffer.from(text))).toBe(text);
      expect(isRaw(text)).toBe(false);
      expect(shownText(text)).toBe(text);
    }),
  );
});

test('bytes that are no UTF-8 are shown as escapes, and texts with different ones are different', () => {
  const [one, other] = [rawText(Buffer.from('caf\xe9.log', 'latin1')), rawText(Buffer.from('caf\xe8.log', 'latin1'))];
  expect(shownText(one)).toBe('caf\\xe9.log');
  expect(one).not.toBe(other);
  expect(shownText(one).isWellFormed()).toBe(true);
  expect(fsPath(one)).toEqual(Buffer.from('caf\xe9.log', 'latin1'));
  expect(fsPath('plain.log')).toBe('plain.log');
});
