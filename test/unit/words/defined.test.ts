import { describe, expect, it } from 'vitest';
import { defined } from '../../../agent/words/defined.ts';

describe('defined', () => {
  it('leaves out what is undefined, and nothing else', () => {
    const properties = { a: undefined, b: null, c: false, d: 0, e: '', f: 'text' };
    expect(defined(properties)).toStrictEqual({ b: null, c: false, d: 0, e: '', f: 'text' });
  });
});
