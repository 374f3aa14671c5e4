import { expect, it, test } from 'vitest';
import { createChoice } from '../../../../web/lines/choice.ts';
import {
  type Filter,
  filterIn,
  filterText,
  isFiltering,
  isOn,
  looksAtText,
  searchWith,
} from '../../../../web/lines/filter.ts';

it.each<[string, Filter]>([
  ['', {}],
  ['q=a%20b', { q: ['a b'] }],
  ['q=a%2Bb%26c&regex=1&case=1&word=1', { q: ['a+b&c'], regex: true, case: true, word: true }],
  ['not=x&not=y%3Dz', { not: ['x', 'y=z'] }],
  ['has=a%3D1&has=b%3D2&lacks=c%3D3', { has: ['a=1', 'b=2'], lacks: ['c=3'] }],
  ['level=error,warn&context=3', { level: ['error', 'warn'], context: 3 }],
  ['q=failed&record=1', { q: ['failed'], record: true }],
  ['source=a.log&stream=stderr&q=x', { source: ['a.log'], stream: ['stderr'], q: ['x'] }],
  ['from=12', { from: 12 }],
  ['q=x&level=error&from=9007199254740991&context=1', { q: ['x'], level: ['error'], from: 2 ** 53 - 1, context: 1 }],
  ['q=a&q=b&regex=1', { q: ['a', 'b'], regex: true }],
  ['since=10m&until=2026-01-01T00%3A00%3A00Z', { since: '10m', until: '2026-01-01T00:00:00Z' }],
])('a filter and its query: %s', (query, filter) => {
  expect(filterText(filter)).toBe(query);
  expect(filterIn(`?${query}`)).toEqual(filter);
});

test('what is no filter in an address is passed over', () => {
  expect(filterIn('?q=&level=loud&stream=x&context=-1&from=0&from=1.5&regex=yes&theme=dark')).toEqual({});
});

test('the rest of an address stays', () => {
  expect(searchWith('?theme=dark&q=old&source=x', { q: ['new'] })).toBe('?theme=dark&q=new');
  expect(searchWith('?q=old', {})).toBe('');
});

test('a filter by origin is one that the page can apply itself', () => {
  expect([isFiltering({ hide: ['a'] }), looksAtText({ hide: ['a'] })]).toEqual([true, false]);
  expect([isFiltering({ level: ['error'] }), looksAtText({ level: ['error'] })]).toEqual([true, true]);
  expect(isFiltering({ context: 3 })).toBe(false);
});

test('lines that were cleared away are not left out among others', () => {
  expect([isFiltering({ from: 5 }), looksAtText({ from: 5 }), isOn({ from: 5 })]).toEqual([false, false, true]);
  const choice = createChoice({ from: 5 }, () => 20);
  expect([choice.isSelective, choice.query]).toEqual([false, '']);
  choice.choose({ from: 5, q: ['a'] });
  expect([choice.isSelective, choice.query]).toEqual([true, 'q=a']);
});

test('what is too long for a URL is kept out of the address', () => {
  const hide = Array.from({ length: 1000 }, (_, at) => `service-${at}.log`);
  expect(searchWith('?bare=1&q=x', { hide })).toBe('?bare=1');
  expect(searchWith('', { hide: hide.slice(0, 10) })).toContain('service-9.log');
});
