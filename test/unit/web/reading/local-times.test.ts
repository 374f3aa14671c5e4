import { expect, it } from 'vitest';
import { timestampOf } from '../../../../agent/text/time/timestamp.ts';
import { localTimes } from '../../../../web/reading/local-times.ts';

const reference = Date.UTC(2026, 10, 28, 12);
const timeIn = (zone: string | undefined, visible: string, at = reference) =>
  timestampOf(visible, at, visible, localTimes(() => zone)());

it.each([
  ['Europe/Berlin', '2026-11-28 08:00:01,123 up', '2026-11-28T07:00:01.123Z'],
  ['Europe/Berlin', '2026-07-01 08:00:01 up', '2026-07-01T06:00:01.000Z'],
  ['America/New_York', '{"time":"2026-11-28T08:00:01"}', '2026-11-28T13:00:01.000Z'],
  ['Asia/Kolkata', 'Nov 28 08:00:01 host app: up', '2026-11-28T02:30:01.000Z'],
  ['Pacific/Kiritimati', '[22:00:01] up', '2026-11-28T08:00:01.000Z'],
  ['Pacific/Pago_Pago', '[23:30:01] up', '2026-11-28T10:30:01.000Z'],
  // Clocks were changed at 01:00 UTC.
  ['Europe/Berlin', '2026-10-25 00:30:00 up', '2026-10-24T22:30:00.000Z'],
  ['Europe/Berlin', '2026-10-25 03:30:00 up', '2026-10-25T02:30:00.000Z'],
  ['Europe/Berlin', '2026-03-29 01:30:00 up', '2026-03-29T00:30:00.000Z'],
  ['Europe/Berlin', '2026-03-29 03:30:00 up', '2026-03-29T01:30:00.000Z'],
  // What says its zone needs none.
  ['Asia/Kolkata', '2026-11-28T08:00:01+02:00 up', '2026-11-28T06:00:01.000Z'],
  ['Asia/Kolkata', '{"ts":1764316801.5}', new Date(1_764_316_801_500).toISOString()],
])('a clock in %s that says %j', (zone, visible, time) => {
  expect(new Date(timeIn(zone, visible) ?? 0).toISOString()).toBe(time);
});

it('a zone that is this one, or that nobody knows, is as here', () => {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const zone of [undefined, here, 'Moon/Tranquility']) expect(localTimes(() => zone)()).toBeUndefined();
});

it('times of two zones are not mixed up', () => {
  const line = '2026-11-28 08:00:01 up';
  const times = ['UTC', 'Asia/Tokyo', 'UTC'].map((zone) => timeIn(zone, line));
  expect(times[1]).toBe((times[0] ?? 0) - 9 * 3_600_000);
  expect(times[2]).toBe(times[0]);
});
