import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isUsualText } from '../../../../agent/finding/visible/visible.ts';

const isUsual = (text: string) => isUsualText(Buffer.from(`id: 1\ndata: ${text}\n\n`));

describe('text that is read by its bytes', () => {
  it.each(['ordinary', 'größe', '東京', '✓ done', '— 😀', 'שלום', '한국어'])('may be %s', (text) => {
    expect(isUsual(text)).toBe(true);
  });

  it.each<[string, string]>([
    ['a DEL', '\x7f'],
    ['a C1 control', '\u009b31m'],
    ['what has to be composed', 'e\u0301'],
    ['what is another character in NFC', '\u212b'],
    ...[...'\u00a0\u1680\u2003\u2028\u2029\u202f\u205f\u3000\ufeff'].map((blank): [string, string] => [
      'a blank',
      blank,
    ]),
  ])('is none with %s', (_, text) => {
    expect(isUsual(`a${text}b`)).toBe(false);
  });

  it('is none with a character that an expression for levels, records, times or markers looks for', () => {
    const text = new URL('../../../../agent/text/', import.meta.url);
    const names = [...readdirSync(text), ...readdirSync(new URL('time/', text)).map((name) => `time/${name}`)];
    const looksFor = names
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(new URL(name, text), 'utf8'))
      .flatMap((code) => code.split('\n').filter((line) => !/^\s*(?:\/?\*|\/\/)/.test(line)))
      .flatMap((line) => [
        ...(line.replace(/ \/\/ .*/, '').match(/[^\p{ASCII}]/gu) ?? []),
        ...[...line.matchAll(/\\u([\da-f]{4})/gi)].map(([, hex = '']) => String.fromCharCode(Number.parseInt(hex, 16))),
      ]);
    expect(looksFor).toEqual(expect.arrayContaining(['●', '⎯']));
    // This one is only looked for behind a sign.
    expect(looksFor.filter((sign) => sign !== '\ufe0f' && isUsual(sign))).toEqual([]);
  });
});
