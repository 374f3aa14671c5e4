import { describe, expect, it } from 'vitest';
import { fuzzyMatch } from '../../../../web/several/fuzzy.ts';

const best = (typed: string, names: string[]) =>
  names
    .map((name) => ({ name, match: fuzzyMatch(typed, name) }))
    .filter(({ match }) => match !== undefined)
    .sort((a, b) => (b.match?.score ?? 0) - (a.match?.score ?? 0))
    .map(({ name }) => name);

describe('a fuzzy match', () => {
  it('finds letters in their order, whatever their case and whatever is between them', () => {
    expect(fuzzyMatch('nrb', 'npm run build')?.at).toEqual([0, 4, 8]);
    expect(fuzzyMatch('N B', 'npm run build')?.at).toEqual([0, 8]);
    expect(fuzzyMatch('bn', 'npm run build')).toBeUndefined();
    expect(fuzzyMatch('', 'anything')).toEqual({ score: 0, at: [] });
  });

  it('prefers letters that follow each other, and beginnings of words', () => {
    expect(best('test', ['the example is tiny', 'npm test'])).toEqual(['npm test', 'the example is tiny']);
    expect(best('build', ['rebuilding', 'npm run build'])).toEqual(['npm run build', 'rebuilding']);
    expect(best('api', ['a-p-i', 'api.log', 'capital'])[0]).toBe('api.log');
  });
});
