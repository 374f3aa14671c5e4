import { describe, expect, it } from 'vitest';
import { type LocalTime, timeIn, timestampOf } from '../../../../agent/text/time/timestamp.ts';
import { parseMoment } from '../../../../agent/words/units.ts';

/** Where lines are written that name no zone: nowhere else is it that time. */
const offThere = 5 * 3_600_000 + 45 * 60_000;
const local: LocalTime = (...clock) => Date.UTC(...clock) - offThere;
const reference = Date.UTC(2026, 10, 28, 12);

/** As `Date.parse` has it, which knows only one spelling. */
type Zone = readonly [written: string, canonical: string | undefined];
const attached: readonly Zone[] = [
  ['', undefined],
  ...['Z', 'z'].map((zone) => [zone, 'Z'] as const),
  ...['+01', '+0100', '+01:00'].map((zone) => [zone, '+01:00'] as const),
  ...['-03', '-0300', '-03:00'].map((zone) => [zone, '-03:00'] as const),
  ...['+0530', '+05:30'].map((zone) => [zone, '+05:30'] as const),
  ...['-00:00', '+00'].map((zone) => [zone, 'Z'] as const),
  ...['+14:00', '+14'].map((zone) => [zone, '+14:00'] as const),
  ['-11:30', '-11:30'],
  ['UTC', 'Z'],
];
const afterSpace: readonly Zone[] = attached
  .filter(([written]) => written !== '' && written !== 'z')
  .map(([written, canonical]) => [` ${written}`, canonical]);
/** What stands after a space, and has no minutes, may be any number. */
const zones: readonly Zone[] = [
  ...attached,
  ...afterSpace.map(([written, canonical]): Zone => [written, /^ [+-]\d\d$/.test(written) ? undefined : canonical]),
];

const fractions = [
  '',
  ...[1, 2, 3, 6, 7, 9, 10, 12, 18, 24].map((digits) => '987654321987654321987654'.slice(0, digits)),
];
const clocks = fractions.flatMap((fraction) =>
  fraction === '' ? ['08:00:01'] : [`08:00:01.${fraction}`, `08:00:01,${fraction}`],
);

/** Milliseconds since the epoch, by what JavaScript itself reads. */
function oracle(clock: string, zone: string | undefined): number {
  const utc = Date.parse(`2026-11-28T${clock.replace(',', '.')}${zone ?? 'Z'}`);
  return zone === undefined ? utc - offThere : utc;
}

const heads = ['', '[', '<34>1 '];
const tails = ['', ' up', '] up', '\tup', ': up', ':INFO:root:up', ', up', '|INFO', ' +12ms GET /', ' -10% up'];
/** What begins like a zone, half a day or a part of a clock, and is none. */
const lookalikes = [
  ...[
    ' +12ms GET /',
    ' -10% up',
    ' -05 degrees',
    ' +12.5%',
    ' +1200ms',
    ' -0530% up',
    ' +0130.5 up',
    ' +01',
    ' -1000x',
  ],
  ...[':INFO', ':INFO:root:up', ': up', 'CET up', 'INFO', 'CEST: up', ' Zx', ' ZINFO', ' PMs up', ' AMD', ' APM up'],
];
/** Reads a line whose second is not that of the line before. */
function alone(line: string): number | undefined {
  timestampOf('1999-01-01T00:00:00Z', reference, undefined, local);
  return timestampOf(line, reference, line, local);
}

describe('a time is read as a whole', () => {
  it.each(['T', 't', ' '])('with %j before its hour, however it says its zone and its fraction', (separator) => {
    let count = 0;
    for (const clock of clocks) {
      for (const [zone, canonical] of zones) {
        const time = `2026-11-28${separator}${clock}${zone}`;
        const expected = oracle(clock, canonical);
        expect(timeIn(time, local), time).toBe(expected);
        expect(alone(`{"time":"${time}"}`), time).toBe(expected);
        for (const head of heads) {
          for (const tail of tails) {
            const line = `${head}${time}${tail}`;
            expect(alone(line), line).toBe(expected);
            expect(timestampOf(line, reference, line, local), `again: ${line}`).toBe(expected);
            count++;
          }
        }
      }
    }
    expect(count).toBeGreaterThan(6000);
  });

  it.each(lookalikes)('in no zone before %j', (rest) => {
    for (const clock of clocks) {
      const expected = oracle(clock, undefined);
      for (const head of ['', '[']) {
        for (const day of ['2026-11-28T', '2026/11/28 ', '20261128 ', '28-Nov-2026 ', 'Nov 28 2026 ', '11/28/2026 ']) {
          const line = `${head}${day}${clock}${rest}`;
          if (head === '[' && day === 'Nov 28 2026 ') continue;
          expect(alone(line), line).toBe(expected);
          timestampOf('2026-11-28T08:00:01 up', reference, undefined, local);
          expect(timestampOf(line, reference, undefined, local), `again: ${line}`).toBe(expected);
        }
      }
    }
  });

  it.each(['ZINFO', 'Zx', 'Zulu', 'Z,4624', 'Z:INFO', 'Z.', '+00:00INFO', '+0000x', '+0000,4624', '+00,4624', '+00:x'])(
    'in its zone before what stands right behind it, as in %s',
    (rest) => {
      for (const clock of clocks) {
        const line = `2026-11-28T${clock}${rest}`;
        expect(alone(line), line).toBe(oracle(clock, 'Z'));
      }
    },
  );

  it.each([' ', ' up', ',4624,up', ':up', ': up', ';', ']', '\t'])('in the half of its day before %j', (rest) => {
    const expected = oracle('20:00:01', undefined);
    for (const time of [
      '11/28/2026 8:00:01',
      '[11/28/2026, 08:00:01',
      'Nov 28, 2026 8:00:01',
      'Nov 28, 2026, 8:00:01',
    ]) {
      for (const space of [' ', '\u202f']) {
        const line = `${time}${space}PM${rest}`;
        expect(alone(line), line).toBe(expected);
      }
    }
  });

  it.each(['T', 't'])('without seconds, after a %s', (separator) => {
    for (const [zone, canonical] of zones) {
      const time = `2026-11-28${separator}08:00${zone}`;
      for (const tail of tails) expect(alone(`${time}${tail}`), time).toBe(oracle('08:00', canonical));
    }
  });

  it.each(attached.filter(([zone]) => zone !== 'z' && zone !== 'UTC'))(
    'in another order, in zone %j',
    (zone, canonical) => {
      const expected = oracle('08:00:01', canonical);
      const named = canonical === 'Z' ? 'UTC' : zone.replace('Z', 'UTC');
      const space = zone === '' ? '' : ' ';
      const isNumber = /^[+-]\d\d$/.test(zone);
      for (const line of [
        `20261128T080001${zone}`,
        `20261128 08:00:01${zone} x`,
        `20261128 08:00:01${space}${named} x`,
        `2026-332T08:00:01${zone} x`,
        `28-Nov-2026 08:00:01${space}${named} x`,
        `28 Nov 2026 08:00:01${space}${named} x`,
        `Nov 28 2026 08:00:01${space}${named}: x`,
        `Sat Nov 28 08:00:01${space}${named} 2026 x`,
        `11/28/2026 08:00:01${space}${named} x`,
        `11/28/2026 8:00:01 AM${space}${named} x`,
        `Nov 28, 2026 8:00:01 AM${space}${named} x`,
      ]) {
        expect(alone(line), line).toBe(
          isNumber && new RegExp(` \\${zone}:? x`).test(line) ? oracle('08:00:01', undefined) : expected,
        );
      }
    },
  );
});

describe('what can’t be read as a whole is no time', () => {
  const zones = ['+1', '+013', '+01:3', '+01:00:00', '+0199', '+40', '+25:00', '-9999', '+01000', '+01-02', '+01:00+1'];
  const numbers = ['-12abc', '-10%', '+12.5%', '+12ms'];
  const words = ['zx', 'Z1', 'z_', 'x', 'UTC1', 'GMT+1', 'CET+1', 'Z:00', ':5', 'Z+01', ' PM', ' AM x'];
  const fractions = ['.1234567890123456789012345', '.987654321987654321987654321Z'];
  it.each([...zones, ...numbers, ...words, ...fractions])('as with %s', (rest) => {
    for (const separator of ['T', 't', ' ']) {
      for (const time of [`2026-11-28${separator}08:00:01${rest}`, `2026-11-28${separator}08:00${rest}`]) {
        for (const tail of ['', ' up', ']']) {
          expect(alone(`${time}${tail}`), time + tail).toBeUndefined();
          timestampOf('2026-11-28T08:00:01 up', reference, undefined, local);
          expect(timestampOf(`${time}${tail}`, reference, undefined, local), `again: ${time}${tail}`).toBeUndefined();
        }
      }
    }
  });

  it.each([
    ...['2026-11-28 08:00:01 +01:00:00 x', '2026-11-28 08:00:01 +25:00 x', '2026-11-28 08:00:01 GMT+1 x'],
    ...['2026-11-28T08:00:0 x', '2026-11-28T08:0 x', '2026-11-28T08:00.5 x', '2026-11-28 08:00 x', '2026-11-28T08 x'],
    ...['2026/11/28 08:00:01 PM x', '28-Nov-2026 08:00:01 PM x', '20261128 08:00:01 PM x', 'Nov 28 2026 08:00:01 PM x'],
    ...['2026-02-29T08:00:01Z', '2026-02-30 08:00:01 x', '2026-04-31T08:00Z', 'Feb 30 08:00:01 host x: y'],
    ...['30-Feb-2026 08:00:01 x', '02/30/2026 08:00:01 x', '20260230T080001Z', 'Sat Feb 30 08:00:01 2026'],
  ])('as in %s', (line) => {
    expect(alone(line)).toBeUndefined();
  });

  it.each([
    ['2026-11-28 08:00:01 -40 dBm', '08:00:01'],
    ['2026-11-28 08:00:01 +1 line', '08:00:01'],
    ['2026-11-28 08:00:01 -4000 steps', '08:00:01'],
    ['2026-11-28 08:00:01 Zookeeper is up', '08:00:01'],
    ['2026-11-28 08:00:01 z is up', '08:00:01'],
    ['2026-11-28 08:00:01 Z_1 is up', '08:00:01'],
  ])('but what stands after it, and is no zone, is none of it: %s', (line, clock) => {
    expect(alone(line)).toBe(oracle(clock, undefined));
  });

  it('but a leap day is a day', () => {
    expect(alone('2024-02-29T08:00:01Z')).toBe(Date.UTC(2024, 1, 29, 8, 0, 1));
    expect(alone('<13>Feb 28 08:00:01 host x: y')).toBe(local(2026, 1, 28, 8, 0, 1, 0));
  });

  it('and a line before that says no seconds does not lend its time', () => {
    for (const [before, line, time] of [
      ['2026-11-28T08:00Z x', '2026-11-28T08:00:30Z x', Date.UTC(2026, 10, 28, 8, 0, 30)],
      ['2026-11-28T08:00Z x', '2026-11-28T08:00.5Z x', undefined],
      ['2026-11-28T08:00:01z x', '2026-11-28T08:00:01 x', Date.UTC(2026, 10, 28, 8, 0, 1) - offThere],
      ['2026-11-28T08:00:01+01 x', '2026-11-28T08:00:01+01:30 x', Date.UTC(2026, 10, 28, 6, 30, 1)],
      ['2026-11-28T08:00:01+01 x', '2026-11-28T08:00:01+011 x', undefined],
    ] as const) {
      timestampOf(before, reference, before, local);
      expect(timestampOf(line, reference, line, local), `${before}, ${line}`).toBe(time);
    }
  });
});

describe('a moment that is asked for', () => {
  it('may have each of these forms', () => {
    for (const separator of ['T', 't', ' ']) {
      for (const clock of ['08:00', ...clocks]) {
        for (const [zone, canonical] of [...attached, ...afterSpace]) {
          if (zone.includes('UTC') || canonical === undefined) continue;
          const text = `2026-11-28${separator}${clock}${zone}`;
          expect(parseMoment(text, 0), text).toBe(oracle(clock, canonical));
        }
        const here = new Date(2026, 10, 28, 8, 0, clock === '08:00' ? 0 : 1).getTime();
        const ms = Number((clock.split(/[.,]/)[1] ?? '').slice(0, 3).padEnd(3, '0'));
        expect(parseMoment(`2026-11-28${separator}${clock}`, 0), clock).toBe(here + ms);
      }
    }
  });

  it.each(['+1', '+013', '+01:3', '+25:00', '+01:00:00', '+0199', 'Zx', ' x', '+'])('but not the zone %s', (zone) => {
    expect(parseMoment(`2026-11-28T08:00:01${zone}`, 0)).toBeUndefined();
    expect(parseMoment(`2026-11-28T08:00${zone}`, 0)).toBeUndefined();
  });
});
