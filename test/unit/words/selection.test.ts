import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSelective, parseSelection, type Selection, selectionText, selects } from '../../../agent/words/selection.ts';

describe('a selection in a query', () => {
  it.each([
    ['', {}],
    ['?from=1&tail=2', {}],
    ['source=a', { source: ['a'] }],
    ['source=a&source=b', { source: ['a', 'b'] }],
    ['source=a,b', { source: ['a', 'b'] }],
    ['source=a%2Cb', { source: ['a,b'] }],
    ['source=a%2Cb,c+d', { source: ['a,b', 'c d'] }],
    ['source=', { source: [] }],
    ['source', { source: [] }],
    ['source=%zz', { source: ['%zz'] }],
    ['hide=x%26y', { hide: ['x&y'] }],
    ['stream=stderr', { stream: ['stderr'] }],
    ['source=a&hide=b&stream=stdout,stderr', { source: ['a'], hide: ['b'], stream: ['stdout', 'stderr'] }],
  ])('%s', (text, expected) => {
    expect(parseSelection(text)).toEqual(expected);
  });

  it('comes back as it was written, whatever sources are called', () => {
    const names = fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1 }), { maxLength: 5 });
    const property = fc.property(names, fc.option(names), fc.boolean(), (some, others, isError) => {
      const selection: Selection = {
        source: some,
        ...(others && others.length > 0 && { hide: others }),
        ...(isError && { stream: ['stderr'] }),
      };
      expect(parseSelection(`a=b&${selectionText(selection)}&c`)).toEqual(selection);
    });
    fc.assert(property);
  });
});

describe('what a selection selects', () => {
  const chosen = (selection: Selection, origin: { source?: string; stream?: 'stderr' }) =>
    selects(selection)(origin, 'first');

  it('everything, where it says nothing', () => {
    expect(isSelective({})).toBe(false);
    expect(chosen({}, { source: 'a', stream: 'stderr' })).toBe(true);
  });

  it('only what is named; nothing, where nobody is', () => {
    expect(chosen({ source: ['a'] }, { source: 'a' })).toBe(true);
    expect(chosen({ source: ['a'] }, { source: 'b' })).toBe(false);
    expect(isSelective({ source: [] })).toBe(true);
    expect(chosen({ source: [] }, { source: 'a' })).toBe(false);
  });

  it('not what is hidden', () => {
    expect(chosen({ hide: ['a'] }, { source: 'a' })).toBe(false);
    expect(chosen({ hide: ['a'] }, { source: 'b' })).toBe(true);
    expect(chosen({ source: ['a'], hide: ['a'] }, { source: 'a' })).toBe(false);
  });

  it('lines without a source as those of the first', () => {
    expect(chosen({ source: ['first'] }, {})).toBe(true);
    expect(chosen({ hide: ['first'] }, {})).toBe(false);
  });

  it('by stream, stdout where none is named', () => {
    expect(chosen({ stream: ['stdout'] }, {})).toBe(true);
    expect(chosen({ stream: ['stderr'] }, {})).toBe(false);
    expect(chosen({ stream: ['stderr'] }, { stream: 'stderr' })).toBe(true);
    expect(chosen({ stream: ['stderr'], source: ['b'] }, { source: 'a', stream: 'stderr' })).toBe(false);
  });
});
