import { getSystemErrorMap } from 'node:util';
import { describe, expect, it } from 'vitest';
import { causeOf, causeOfWriting } from '../../../agent/words/errors.ts';

const refusal = (code: string) =>
  Object.assign(new Error(`${code}: in Node's words, open '/nope'`), { code, syscall: 'open' });

describe('why the system refused something', () => {
  it.each([
    ['ENOENT', 'it does not exist'],
    ['ECONNREFUSED', 'connection refused'],
    ['EADDRINUSE', 'the port is already in use'],
    ['EACCES', 'permission is denied (EACCES)'],
    ['EXYZ', "in Node's words (EXYZ)"],
  ])('%s: %s', (code, sentence) => {
    expect(causeOf(refusal(code))).toBe(sentence);
  });

  it('of a path that was to be written it is the directory that is missing', () => {
    expect(causeOfWriting(refusal('ENOENT'))).toBe('its directory does not exist');
    expect(causeOfWriting(refusal('ENOSPC'))).toBe('the disk is full (ENOSPC)');
  });
});

it('whatever the system says, it is said once', () => {
  for (const [errno, [code, words]] of getSystemErrorMap()) {
    const error = Object.assign(new Error(`${code}: ${words}, link '/a' -> '/b'`), { code, errno, syscall: 'link' });
    const sentence = causeOf(error);
    expect(sentence).not.toContain('/a');
    expect(sentence.split(code).length, sentence).toBeLessThanOrEqual(2);
  }
});
