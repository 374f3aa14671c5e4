import { expect, it } from 'vitest';
import { patternIn, searchFor } from '../../../../web/app/address.ts';

const plain = { text: 'a b&c', regex: false, case: false, word: false };

it.each([
  ['', plain, '?find=a%20b%26c'],
  ['?q=x&find=old&find-regex=1', { ...plain, case: true }, '?q=x&find=a%20b%26c&find-case=1'],
  [
    '?level=error',
    { ...plain, text: '^a+$', regex: true, word: true },
    '?level=error&find=%5Ea%2B%24&find-regex=1&find-word=1',
  ],
])('the address %j takes up what is searched for', (before, pattern, after) => {
  expect(searchFor(before, pattern)).toBe(after);
  expect(patternIn(after)).toEqual(pattern);
});

it('an address that asks for nothing is left alone', () => {
  expect(searchFor('?find=x&find-word=1', undefined)).toBe('');
  expect(searchFor('?q=x&find=x', { ...plain, text: '' })).toBe('?q=x');
  expect(searchFor('?finding=1', undefined)).toBe('?finding=1');
  expect(patternIn('?find=&find-regex=1')).toBeUndefined();
});
