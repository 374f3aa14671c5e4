import { describe, expect, it } from 'vitest';
import { causeOf, causeOfWriting } from '../../../agent/words/errors.ts';

const refusal = (code: string) => Object.assign(new Error(`${code}: no words for a user, open '/nope'`), { code });

describe('why the system refused something', () => {
  it.each([
    ['ENOENT', 'it does not exist'],
    ['ECONNREFUSED', 'connection refused'],
    ['EADDRINUSE', 'the port is already in use'],
    ['EACCES', 'permission is denied (EACCES)'],
    ['EXYZ', "EXYZ: no words for a user, open '/nope' (EXYZ)"],
  ])('%s: %s', (code, sentence) => {
    expect(causeOf(refusal(code))).toBe(sentence);
  });

  it('of a path that was to be written it is the directory that is missing', () => {
    expect(causeOfWriting(refusal('ENOENT'))).toBe('its directory does not exist');
    expect(causeOfWriting(refusal('ENOSPC'))).toBe('the disk is full (ENOSPC)');
  });
});
