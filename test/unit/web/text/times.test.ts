import { expect, it } from 'vitest';
import { moment } from '../../../../web/text/times.ts';

it('a time of another day has its date', () => {
  const time = new Date(2026, 10, 28, 8, 5, 9, 120).getTime();
  expect(moment(time, new Date(2026, 10, 28, 23, 59).getTime())).toBe('08:05:09');
  expect(moment(time, new Date(2026, 10, 29, 0, 1).getTime())).toBe('2026-11-28 08:05:09');
});
