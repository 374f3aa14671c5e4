import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { linksIn, withLinks } from '../../../../agent/text/drawing/links.ts';
import { runsOf } from '../../../../agent/text/drawing/runs.ts';
import { growthOf, linear } from '../../../support/growth.ts';

const hrefs = (text: string) => linksIn(text).map(({ href }) => href);
const linkedIn = (line: string, isWhole = true) =>
  withLinks(runsOf(line), isWhole).map(({ text, href }) => (href === undefined ? text : [text, href]));

it.each([
  ['see https://example.com/a?b=c#d for more', 'https://example.com/a?b=c#d'],
  ['see https://example.com.', 'https://example.com/'],
  ['(see https://example.com/a)', 'https://example.com/a'],
  ['[https://example.com/a]: x', 'https://example.com/a'],
  ['https://example.com/wiki/Log_(disambiguation)!', 'https://example.com/wiki/Log_(disambiguation)'],
  ['"https://example.com/a", he said', 'https://example.com/a'],
  ["'https://example.com/a'", 'https://example.com/a'],
  ['<https://example.com/a>', 'https://example.com/a'],
  ['**https://example.com/a**', 'https://example.com/a'],
  ['Local: http://localhost:5173/', 'http://localhost:5173/'],
  ['HTTP://[::1]:80/x', 'http://[::1]/x'],
  ['https://de.wikipedia.org/wiki/Käse', 'https://de.wikipedia.org/wiki/K%C3%A4se'],
  ['请看https://example.com/。谢谢', 'https://example.com/'],
  ['https://еxample.com', 'https://xn--xample-2of.com/'],
  ['shttps://example.com', undefined],
  ['https://', undefined],
  ['https://.', undefined],
  ['ftp://example.com javascript://example.com', undefined],
])('%s', (text, expected) => {
  expect(hrefs(text)).toEqual(expected === undefined ? [] : [expected]);
});

it.each([
  ['请访问http://192.0.2.7:8080/login查看结果', ['http://192.0.2.7:8080/login']],
  ['文档 https://example.org/a/b，然后继续', ['https://example.org/a/b']],
  ['詳細はhttps://example.org/helpを参照してください', ['https://example.org/help']],
  ['wiki https://ja.wikipedia.org/wiki/日本語 ok', ['https://ja.wikipedia.org/wiki/%E6%97%A5%E6%9C%AC%E8%AA%9E']],
  ['peers=a=http://192.0.2.1:2380,b=http://192.0.2.2:2380', ['http://192.0.2.1:2380/', 'http://192.0.2.2:2380/']],
  ['hosts: http://192.0.2.1:9200,http://192.0.2.2:9200', ['http://192.0.2.1:9200/', 'http://192.0.2.2:9200/']],
  ['https://example.org/a,b', ['https://example.org/a,b']],
])('ends where other text or another URL begins: %s', (text, expected) => {
  expect(hrefs(text)).toEqual(expected);
});

test('a line of lists of URLs takes linear time', () => {
  expect(growthOf((n) => linksIn('http://a.b/,x='.repeat(n)), 5000)).toBeLessThan(linear);
});

test('a URL is one link, though its color changes in the middle', () => {
  expect(linkedIn('Local: \x1b[36mhttp://localhost:\x1b[1m5173\x1b[22m/\x1b[39m ok')).toEqual([
    'Local: ',
    ['http://localhost:', 'http://localhost:5173/'],
    ['5173', 'http://localhost:5173/'],
    ['/', 'http://localhost:5173/'],
    ' ok',
  ]);
});

test('a line full of brackets takes linear time', () => {
  const growth = growthOf(
    (n) => linksIn(`https://a.b/${')'.repeat(2 * n)} https://a.b/${'('.repeat(n)}${']'.repeat(n)}`),
    20_000,
  );
  expect(growth).toBeLessThan(linear);
});

test('links of the terminal stay what they are, and no URL reaches into them', () => {
  const line = 'https://a.example/\x1b]8;;https://b.example/\x07https://c.example\x1b]8;;\x07/d';
  expect(linkedIn(line)).toEqual([
    ['https://a.example/', 'https://a.example/'],
    ['https://c.example', 'https://b.example/'],
    '/d',
  ]);
});

test('what stands for an invisible character ends a URL', () => {
  expect(linkedIn('https://example.com/\u202egpj.exe')).toEqual([
    ['https://example.com/', 'https://example.com/'],
    '‹U+202E›',
    'gpj.exe',
  ]);
});

test('a URL that is cut off leads nowhere', () => {
  expect(linkedIn('x https://example.com/a', false)).toEqual(['x https://example.com/a']);
  expect(linkedIn('x https://example.com/a b', false)).toHaveLength(3);
});

test('links change nothing of the text, and lead to http and https only', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.constantFrom('https://a.b/', 'http://', '(', ')', '.', '\x1b[31m', '\x1b]8;;https://x.y/\x07', '\u200b', ' '),
  );
  const property = fc.property(fc.array(piece, { maxLength: 12 }), fc.boolean(), (pieces, isWhole) => {
    const runs = runsOf(pieces.join(''));
    const linked = withLinks(runs, isWhole);
    expect(linked.map(({ text }) => text).join('')).toBe(runs.map(({ text }) => text).join(''));
    for (const { href = 'https://a/', text } of linked) {
      expect(href).toMatch(/^https?:\/\//);
      expect(text).not.toBe('');
    }
  });
  fc.assert(property, { numRuns: 500 });
});
