import { describe, expect, it } from 'vitest';
import { createLineStore } from '../../../../web/lines/line-store.ts';
import { pauseBefore } from '../../../../web/reading/pauses.ts';

const day = (text: string) => Date.parse(`2026-11-${text}Z`);

function pausesOf(times: readonly number[], leastMs = 30_000): (string | undefined)[] {
  const store = createLineStore();
  store.span(1, times.length);
  for (const [at, time] of times.entries()) store.put(at + 1, 'text', { time });
  const timeOf = ({ origin }: { origin: { time: number } }) => origin.time;
  return times.map((_time, at) => pauseBefore(store, at + 1, { leastMs, timeStyle: 'utc' }, timeOf));
}

describe('before a line', () => {
  it('it is said how long nothing came', () => {
    expect(pausesOf([day('28T10:00:00'), day('28T10:00:29'), day('28T10:01:11')])).toEqual([
      undefined,
      undefined,
      '42 s without output',
    ]);
  });

  it('a day that has begun is named, as times have none', () => {
    const [before, after] = [day('28T23:59:59'), day('29T00:00:00')];
    expect(pausesOf([before, after, after, day('30T03:00:00')])).toEqual([
      undefined,
      '2026-11-29',
      undefined,
      '27 h 00 min without output · 2026-11-30',
    ]);
    expect(pausesOf([after, before])).toEqual([undefined, undefined]);
  });

  it('nothing is said where the time is not known, or the reader does not want it', () => {
    expect(pausesOf([0, day('28T10:00:00')])).toEqual([undefined, undefined]);
    expect(pausesOf([day('28T10:00:00'), day('29T10:00:00')], 0)).toEqual([undefined, undefined]);
  });
});
