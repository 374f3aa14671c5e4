import { describe, expect, it } from 'vitest';
import { createThrottle, failuresAllowed, forgetMs } from '../../../../agent/server/guard/throttle.ts';

describe('wrong tokens', () => {
  it('are answered ever more slowly, and from the tenth on they are too many', () => {
    const told: string[] = [];
    const throttle = createThrottle(
      (address) => told.push(address),
      () => 0,
    );
    const verdicts = Array.from({ length: 12 }, () => throttle.failed('192.0.2.1'));
    expect(verdicts.map(({ delayMs }) => delayMs)).toEqual([50, 100, 200, 400, 800, 1600, ...Array(6).fill(2000)]);
    expect(verdicts.map(({ isTooMany }) => isTooMany).indexOf(true)).toBe(failuresAllowed - 1);
    expect(told).toEqual(['192.0.2.1']);
  });

  it('are counted for each address, and forgotten after a while', () => {
    let now = 0;
    const throttle = createThrottle(
      () => {},
      () => now,
    );
    for (let i = 0; i < 20; i++) throttle.failed('192.0.2.1');
    expect(throttle.failed('192.0.2.2')).toEqual({ delayMs: 50, isTooMany: false });
    now += forgetMs - 1;
    expect(throttle.failed('192.0.2.1').isTooMany).toBe(true);
    now += forgetMs;
    expect(throttle.failed('192.0.2.1')).toEqual({ delayMs: 50, isTooMany: false });
  });

  it('of a network of IPv6 addresses are counted together', () => {
    const throttle = createThrottle(
      () => {},
      () => 0,
    );
    throttle.failed('2001:db8:1:2::1');
    expect(throttle.failed('2001:db8:1:2:ffff::9').delayMs).toBe(100);
    expect(throttle.failed('2001:db8:1:3::1').delayMs).toBe(50);
  });

  it('of more addresses than can be remembered forget the oldest', () => {
    const throttle = createThrottle(
      () => {},
      () => 0,
    );
    throttle.failed('first');
    for (let i = 0; i < 10_000; i++) throttle.failed(`address ${i}`);
    expect(throttle.failed('first').delayMs).toBe(50);
  });
});
