import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { TextPattern } from '../../../../agent/finding/pattern/text-pattern.ts';
import { createPatternChecks, longestExpression } from '../../../../agent/server/limits/pattern-checks.ts';

const client = (remoteAddress: string) => ({ remoteAddress }) as Socket;
const expression = (text: string): TextPattern => ({ text, isRegex: true, case: 'smart', isWord: false });

/** Each expression takes as many milliseconds to compile as its text says. */
function checksAt() {
  const clock = { ms: 0 };
  const compile = ({ text }: TextPattern) => {
    clock.ms += Number(text);
  };
  return { clock, checks: createPatternChecks(compile, () => clock.ms) };
}

describe('expressions', () => {
  it('that take long are refused once a client has sent too many of them, and taken again later', () => {
    const { clock, checks } = checksAt();
    const check = checks.of(client('192.0.2.1'));
    for (let sent = 0; sent < 3; sent++) check(expression('200'));
    expect(() => check(expression('1'))).toThrow(
      expect.objectContaining({ facts: expect.objectContaining({ status: 429 }) }),
    );
    checks.of(client('192.0.2.2'))(expression('200'));
    // A text is no expression.
    check({ ...expression('1'), isRegex: false });
    clock.ms += 10_000;
    check(expression('1'));
  });

  it('that people write are never too many', () => {
    const { checks } = checksAt();
    for (let sent = 0; sent < 10_000; sent++) checks.of(client('192.0.2.1'))(expression('4'));
  });

  it('take a small part of the time, whoever sends them for how long', () => {
    const { clock, checks } = checksAt();
    let compiledMs = 0;
    for (let sent = 0; sent < 10_000; sent++) {
      clock.ms += 10;
      try {
        checks.of(client('192.0.2.1'))(expression('250'));
        compiledMs += 250;
      } catch {}
    }
    expect(compiledMs).toBeLessThan(0.03 * clock.ms + 1000);
  });

  it('are not compiled where they are too long', () => {
    const { clock, checks } = checksAt();
    const check = checks.of(client('192.0.2.1'));
    expect(() => check(expression('9'.repeat(longestExpression + 1)))).toThrow('at most 1000 characters');
    expect(clock.ms).toBe(0);
  });
});
