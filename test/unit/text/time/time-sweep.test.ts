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

/** `AM`, as it is written after a clock of twelve hours. */
function halves(name: string): string[] {
  const [letter = '', m = ''] = name;
  const capital = [name, `${letter}.${m}.`, `${letter}.${m}`, `${letter}. ${m}.`, `${letter}.\u00a0${m}.`];
  const spelled = [...capital, ...capital.map((one) => one.toLowerCase()), letter + m.toLowerCase()];
  return ['', ' ', '\u00a0', '\u202f'].flatMap((space) => spelled.map((one) => space + one));
}

/** What a program may be called as well, where a colon follows. */
function isWord(half: string): boolean {
  return /^ [APap]m$/.test(half);
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
      ...['11/28/2026 8:00:01', '[11/28/2026, 08:00:01', 'Nov 28, 2026 8:00:01', 'Nov 28, 2026, 8:00:01'],
      ...['2026-11-28 08:00:01', '[2026/11/28 08:00:01', '28-Nov-2026 08:00:01', '20261128 08:00:01'],
    ]) {
      for (const half of halves('PM')) {
        if (isWord(half) && /^[:;]/.test(rest)) continue;
        const line = `${time}${half}${rest}`;
        expect(alone(line), line).toBe(expected);
      }
    }
  });

  /** As it says the time at a day's hour of two digits, where `half` is what a clock of twelve hours says after it. */
  const forms: Readonly<Record<string, (clock: string, half: string) => string>> = {
    'ISO 8601': (clock, half) => `2026-11-28 ${clock}${half} up`,
    'ISO 8601 after a T': (clock, half) => `2026-11-28T${clock}${half} up`,
    'ISO 8601 with a fraction': (clock, half) => `2026/11/28 ${clock}.987${half} up`,
    'ISO 8601 in a zone': (clock, half) => `[2026-11-28 ${clock}${half} +0530] up`,
    'ISO 8601 after a weekday': (clock, half) => `Sat 2026-11-28 ${clock}${half} UTC up`,
    'ISO 8601 in a field': (clock, half) => `{"time":"2026-11-28 ${clock}${half}"}`,
    'its basic form': (clock, half) => `20261128 ${clock}${half} up`,
    'day numbers': (clock, half) => `2026-332T${clock}${half} up`,
    weeks: (clock, half) => `2026-W48-6T${clock}${half} up`,
    'a time of day': (clock, half) => `${clock}${half} up`,
    'a time of day with a fraction': (clock, half) => `${clock}.987${half} up`,
    'a time of day in brackets': (clock, half) => `[${clock}${half}] up`,
    'RFC 3164': (clock, half) => `Nov 28 ${clock}${half} up`,
    'RFC 3164 with a priority': (clock, half) => `<13>Nov 28 ${clock}${half} kernel up`,
    'RFC 5322': (clock, half) => `Sat, 28 Nov 2026 ${clock}${half} +0530 up`,
    asctime: (clock, half) => `Sat Nov 28 ${clock}${half} 2026 up`,
    date: (clock, half) => `Sat Nov 28 ${clock}${half} UTC 2026 up`,
    Cisco: (clock, half) => `Nov 28 2026 ${clock}${half}: up`,
    Tomcat: (clock, half) => `28-Nov-2026 ${clock}.987${half} up`,
    log4j: (clock, half) => `28 Nov 2026 ${clock},987${half} up`,
    PHP: (clock, half) => `[28-Nov-2026 ${clock}${half} UTC] up`,
    Oracle: (clock, half) => `28-NOV-2026 ${clock}${half} * up`,
    Windows: (clock, half) => `11/28/2026 ${clock}${half} up`,
    'Windows in brackets': (clock, half) => `[11/28/2026, ${clock}${half}] up`,
    'an access log': (clock, half) => `a - - [28/Nov/2026:${clock}${half}] up`,
  };

  it.each(Object.entries(forms))('in the half of its day, of each hour and however that is written: %s', (_, form) => {
    for (const name of ['AM', 'PM']) {
      for (let hour = 1; hour <= 12; hour++) {
        const clock = (hours: number) => `${String(hours).padStart(2, '0')}:59:01`;
        const expected = alone(form(clock((hour % 12) + (name === 'PM' ? 12 : 0)), ''));
        expect(expected).toBeDefined();
        for (const half of halves(name)) {
          const line = form(clock(hour), half);
          expect(alone(line), line).toBe(expected);
          timestampOf('2026-11-28 08:59:01 up', reference, undefined, local);
          expect(timestampOf(line, reference, line, local), `again: ${line}`).toBe(expected);
        }
      }
    }
  });

  it('in the half of its day, with an hour of one digit', () => {
    for (const half of halves('PM')) {
      for (const line of [`8:59:01${half} up`, `[8:59:01${half}] up`, `8:59:01${half}`, `8:59:01${half} - up`]) {
        expect(alone(line), line).toBe(alone('20:59:01 up'));
      }
      expect(alone(`2026-11-28T08:59${half} up`)).toBe(oracle('20:59:00', undefined));
      // MariaDB has a space there.
      expect(alone(`2026-11-28  8:59:01${half} up`)).toBe(oracle('20:59:01', undefined));
    }
  });

  it('in no half where the hour is past the twelfth', () => {
    for (const half of [...halves('PM'), ...halves('AM')])
      for (const form of Object.values(forms)) expect(alone(form('20:59:01', half))).toBe(alone(form('20:59:01', '')));
  });

  it.each([
    ...[
      ' PM: suspend entry (deep)',
      ' PMs up',
      ' AMD',
      ' pm2 started',
      ' p.x up',
      ' ample',
      ' amount=5',
      ' p m',
      ' a.',
    ],
  ])('in no half where what stands after it may be something else: %s', (rest) => {
    for (const time of ['2026-11-28 08:59:01', '28 Nov 2026 08:59:01', '08:59:01', '11/28/2026 08:59:01']) {
      // After a date nothing else is written so.
      if (rest.startsWith(' PM:') && time !== '08:59:01') continue;
      expect(alone(`${time}${rest}`), `${time}${rest}`).toBe(alone(`${time} up`));
    }
  });

  /** What goes on in a name, or comes after one. */
  const afterNames = [
    ...[
      '.go:12: x',
      '.max_children reached',
      '.start ok',
      '..',
      '[12]: up',
      '(8): up',
      '=1',
      '@a up',
      "'s up",
      '_x up',
    ],
    ...['2 started', '2302 sensor', 'é up'],
  ];
  /** After a name only where that is no half in capitals, as those also stand before a separator. */
  const afterWords = [
    '-suspend: x',
    '/x up',
    ': worker started',
    ':up',
    ':INFO:root:up',
    '; up',
    '[x] up',
    '(x) up',
    '#1',
  ];
  const afterHalves = [
    ...['> up', '/INFO up', '-up', '-INFO-up', ': up', ':INFO:root:up', '; up', '* up', '#1 up', '{up}', '[INFO] up'],
    ...['(main) up', '<up>', '~ up', '— up', '│ up', '!', '?', ')> up', ']: up', '"', '" up', "' up", ') up', '|INFO'],
    ...[' - up', ', up', '> ', '->up'],
  ];
  const days = [
    ...['2026-11-28 ', '[2026/11/28 ', '2026-11-28T', '20261128 ', '28-Nov-2026 ', '[28 Nov 2026 ', '28-NOV-2026 '],
    ...[
      'Nov 28 2026 ',
      'Nov 28, 2026 ',
      'Sat, 28 Nov 2026 ',
      '11/28/2026 ',
      '[11/28/2026, ',
      '2026-332T',
      '2026-W48-6T',
    ],
  ];
  const clocksOfHalves = ['08:00:01', '12:00:01', '08:00:01.123', '12:00:01,123'];
  /** Which may follow other than a colon right away: it has one of its own. */
  const isColonOf = (day: string, rest: string) => day === 'Nov 28 2026 ' && rest.startsWith(':');

  it.each([...afterNames, ...afterWords])(
    'in no half where a word goes on behind it, or ends in what a name does: pm%s',
    (rest) => {
      for (const name of ['am', 'pm', 'Pm', ...(afterNames.includes(rest) && rest !== 'é up' ? ['AM', 'PM'] : [])]) {
        for (const clock of clocksOfHalves) {
          for (const day of ['', ...days]) {
            if (isColonOf(day, rest)) continue;
            const line = `${day}${clock} ${name}${rest}`;
            expect(alone(line), line).toBe(alone(`${day}${clock} up`));
            timestampOf('2026-11-28 08:00:01 up', reference, undefined, local);
            expect(timestampOf(line, reference, line, local), `again: ${line}`).toBe(alone(`${day}${clock} up`));
            if (day !== '') expect(alone(`${day}${clock}\t${name}${rest}`)).toBe(alone(`${day}${clock} up`));
          }
        }
      }
    },
  );

  it.each(afterHalves)(
    'in the half of its day, however that is written, before what goes on in no name: PM%s',
    (rest) => {
      for (const name of ['AM', 'PM']) {
        for (const half of halves(name)) {
          const mayBeName = isWord(half) && !/^[\]),"'|>]|^\s/.test(rest);
          for (const clock of clocksOfHalves) {
            const hour = (Number(clock.slice(0, 2)) % 12) + (name === 'PM' ? 12 : 0);
            const later = String(hour).padStart(2, '0') + clock.slice(2);
            for (const day of days) {
              const line = `${day}${clock}${half}${rest}`;
              const said = mayBeName && !isColonOf(day, rest) ? clock : later;
              expect(alone(line), line).toBe(alone(`${day}${said} up`));
              timestampOf('2026-11-28 08:00:01 up', reference, undefined, local);
              expect(timestampOf(line, reference, line, local), `again: ${line}`).toBe(alone(`${day}${said} up`));
            }
          }
        }
      }
    },
  );

  it.each(['> up', '-up', '/INFO up', '[INFO] up', ' up', ') up'])(
    'in the half of a day that is not said, before %j',
    (rest) => {
      for (const half of halves('PM')) {
        if (isWord(half) && /^[-/[]/.test(rest)) continue;
        for (const clock of ['8:00:01', '08:00:01', '[8:00:01', '08:00:01.123'])
          expect(alone(clock + half + rest), clock + half + rest).toBe(
            alone(`${clock.replace(/0?8/, '20').replace('[', '')} up`),
          );
      }
    },
  );

  it.each(['8:00:01 PM2 started', '8:00:01 pm.go:12: x', '8:00:01 AM2302 sensor', '8:00:01 pm-suspend: x'])(
    'in none with an hour of one digit and a name: %s',
    (line) => expect(alone(line)).toBeUndefined(),
  );

  it('in no half where that may be the name of a machine', () => {
    for (const name of ['PM', 'pm', 'AM']) {
      for (const rest of ['kernel: up', 'sshd[12]: up', '%ASA-6-302013: Built']) {
        expect(alone(`Nov 28 12:59:01 ${name} ${rest}`)).toBe(alone('Nov 28 12:59:01 host up'));
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
  const words = ['zx', 'Z1', 'z_', 'x', 'UTC1', 'GMT+1', 'CET+1', 'Z:00', ':5', 'Z+01'];
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
