import { describe, expect, it } from 'vitest';
import { filterWords, searchWords } from '../../../web/late-words.ts';
import { toolWords } from '../../../web/words.ts';

describe('what the page says of', () => {
  it('a filter by sources: which ones, or how many', () => {
    expect(filterWords.origins('source', ['api.log'])).toBe('only api.log');
    expect(filterWords.origins('source', ['api.log', 'db.log'])).toBe('only api.log, db.log');
    expect(filterWords.origins('source', ['a', 'b', 'c'])).toBe('only 3 sources');
    expect(filterWords.origins('hide', ['a', 'b', 'c', 'd'])).toBe('without 4 sources');
  });

  it('a search: how far it is, what it found', () => {
    expect(searchWords.searched(0.426)).toBe('searching, 42% done');
    expect(searchWords.found(1)).toBe('1 match');
    expect(searchWords.found(1204)).toBe('1,204 matches');
    expect(searchWords.number(3, 1204, true)).toBe('3 of 1,204+');
  });

  it('errors: how many, and at which one the reader is', () => {
    expect(toolWords.problemCount('error', 2, 0, 2)).toBe('2 errors');
    expect(toolWords.problemCount('error', 17, 0, 3)).toBe('3 of 17 errors shown');
    expect(toolWords.besides(1)).toBe(', 1 warning');
    expect(toolWords.problemCount('error', 2, 1, 2)).toBe('1 of 2 errors');
    expect(toolWords.problemCount('warning', 3, 2, 3)).toBe('2 of 3 warnings');
  });
});
