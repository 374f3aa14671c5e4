import { expect, it } from 'vitest';
import { parseLineQuery } from '../../../../../agent/server/resources/query/line-query.ts';

const since = (written: string) =>
  parseLineQuery(new URLSearchParams(`since=${written}`), undefined, 0, () => {})?.since;

it.each([
  ['2026-11-28T08:00+01', Date.UTC(2026, 10, 28, 7)],
  ['2026-11-28T08:00%2B01', Date.UTC(2026, 10, 28, 7)],
  ['2026-11-28T08:00:01.5+0100', Date.UTC(2026, 10, 28, 7, 0, 1, 500)],
  ['2026-11-28 08:00:01,5+01:00', Date.UTC(2026, 10, 28, 7, 0, 1, 500)],
  ['2026-11-28t08:00-03', Date.UTC(2026, 10, 28, 11)],
  ['2026-11-28T08:00:01.123456789012z', Date.UTC(2026, 10, 28, 8, 0, 1, 123)],
  // The space is none of a `+` here.
  ['2026-11-28+08:00', new Date(2026, 10, 28, 8).getTime()],
  ['2026-11-28%2008:00:01', new Date(2026, 10, 28, 8, 0, 1).getTime()],
])('since=%s is a time, with or without its plus encoded', (written, time) => {
  expect(since(written)).toBe(time);
});

it.each(['2026-11-28T08:00+1', '2026-11-28T08:00+25', '2026-11-28T08:00:01+01:00:00', '2026-11-28+08', '+01'])(
  'since=%s is refused',
  (written) => {
    expect(() => since(written)).toThrow(/since/);
  },
);
