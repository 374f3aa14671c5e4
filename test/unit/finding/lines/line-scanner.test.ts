import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import wabt from 'wabt';
import { chunkLines } from '../../../../agent/finding/chunks/chunk.ts';
import { createChunkBuilder } from '../../../../agent/finding/chunks/chunk-builder.ts';
import { assembled, lineScanner } from '../../../../agent/finding/lines/line-scanner.ts';
import { createBatchBuilder } from '../../../../agent/frame/encode.ts';
import { timestampOf } from '../../../../agent/text/time/timestamp.ts';
import type { Origin } from '../../../../agent/words/line.ts';
import { lineParts, printedLines } from '../../../support/line-parts.ts';

const source = new URL('../../../../agent/finding/lines/line-scan.wat', import.meta.url);
const noon = new Date(2026, 10, 28, 12, 0, 0).getTime();

it('what runs is what its source is assembled to', async () => {
  const { parseWat } = await wabt();
  const { buffer } = parseWat('line-scan.wat', readFileSync(source, 'utf8'), { simd: true }).toBinary({});
  expect(assembled).toBe(Buffer.from(buffer).toString('base64'));
});

interface Said {
  text: string;
  origin: Origin;
}

/** What is remembered of the lines from `firstId` on; they come in batches of so many. */
function remembered(lines: readonly Said[], { isScanned = true, perBatch = lines.length, before = 0 }) {
  const firstId = 3 * chunkLines + 1;
  const builder = createChunkBuilder(firstId, { scanner: isScanned ? lineScanner() : undefined, mostTimes: 500 });
  for (let at = 0; at < lines.length; at += perBatch) {
    const batch = createBatchBuilder(firstId - before + at);
    for (const { text, origin } of lines.slice(at, at + perBatch)) {
      batch.origin(origin);
      const bytes = Buffer.from(text);
      batch.line(bytes, 0, bytes.length);
    }
    const { bytes, length, firstId: first, lastId } = batch.take() as NonNullable<ReturnType<typeof batch.take>>;
    builder.take({ bytes: bytes.subarray(0, length), firstId: first, lastId });
  }
  const { levels, ...chunk } = builder.chunk;
  return {
    ...chunk,
    levels: Buffer.from((levels as Uint8Array).subarray(0, chunk.lastId - firstId + 1)).toString('hex'),
  };
}

function expectTheSame(lines: readonly Said[], how: { perBatch?: number; before?: number } = {}): void {
  expect(remembered(lines, how)).toEqual(remembered(lines, { ...how, isScanned: false }));
}

const said = (texts: readonly string[], origin: Origin = { time: noon }) => texts.map((text) => ({ text, origin }));

/** Has read ten lines at once, after it was told the time of one of them. */
function scannerOfTen(lineOf: (i: number) => string, told: number): ReturnType<typeof lineScanner> {
  const builder = createBatchBuilder(1);
  builder.origin({ time: noon });
  for (let i = 0; i < 10; i++) builder.line(Buffer.from(lineOf(i)), 0, lineOf(i).length);
  const { bytes, length } = builder.take() as NonNullable<ReturnType<typeof builder.take>>;
  const scanner = lineScanner();
  scanner?.load(bytes.subarray(0, length));
  scanner?.arriveAt(noon);
  scanner?.learn(lineOf(told), timestampOf(lineOf(told), noon) as number, noon);
  const limits = { lines: 100, times: 100, time: 0, noted: 0, precisionMs: 0 };
  expect(scanner?.scan(bytes.indexOf('id: '), false, limits)).toBe('read');
  return scanner;
}

describe('lines that are looked at many at once', () => {
  it('are looked at so here', () => {
    expect(lineScanner()).toBeDefined();
  });

  it.each([
    ...[
      '2026-11-28T11:59:0%Z ',
      '[2026/11/28 11:59:0%] ',
      '2026-11-28 11:59:0%,123 +0100 ',
      '11:59:0% ',
      '11:59:0%.123 ',
      // Spring pads the level, and Python's logging puts a dash before the logger.
      '2026-11-28 11:59:0%.123  INFO 12 --- [main] c.e.App : ',
      '2026-11-28 11:59:0%,123 - app - ',
    ],
    ...['[11:59:0%] ', '[11:59:0%,123456] ', 'Nov 28 11:59:0% '],
  ])('have the time that they say in any of the forms: %s', (stamp) => {
    const lineOf = (i: number) => `${stamp.replace('%', String(i))}up`;
    const scanner = scannerOfTen(lineOf, 3);
    const times = Array.from({ length: scanner?.times ?? 0 }, (_, i) => scanner?.timeOf(i));
    expect(times).toEqual(Array.from({ length: 10 }, (_, i) => timestampOf(lineOf(i), noon)));
  });

  it.each(['10.0.0.7', '192.168.10.7', '10.11.12.13', '127.0.0.1', 'client.example'])(
    'are of an access log, too, whose client is %s',
    (client) => {
      const lineOf = (i: number) =>
        `${client} - - [28/Nov/2026:11:59:0${i} +0000] "GET /${i} HTTP/1.1" 200 612 "-" "curl/8"`;
      expect(scannerOfTen(lineOf, 0)?.lines).toBe(10);
    },
  );

  it.each([
    ['1763622000.123 probe ', '10.0.0.7 - - '],
    ['2026-11-28 10:00:00 GMT+1 proxy ', '10.0.0.7 - - '],
    ['{"time":1763622000123} ', 'client - - '],
    ['\x1b_bk;t=1763622000123\x07', ''],
    ['\x1b_bk;t=1763622000123\x07client - - ', 'client - - '],
  ])('have their own time after a line with another one before its time: %j', (before, client) => {
    const bracket = client === '' ? '2026-11-28T11:59:05Z' : '[28/Nov/2026:11:59:05 +0000]';
    const own = `${client}${bracket} "GET / HTTP/1.1" 200`;
    const other = before.includes('client') ? `${before}${bracket} x` : `${before}${own}`;
    for (const count of [1, 3]) expectTheSame(said([...Array<string>(count).fill(other), own, own, `${own} 612`, own]));
  });

  it('are remembered as one by one, for what is printed in builds', () => {
    expectTheSame(said(printedLines), { perBatch: 500 });
    // Each after a plain one.
    expectTheSame(said(printedLines.flatMap((line) => [line, 'ordinary', '2026-11-28T10:00:00.123Z INFO ordinary'])));
  });

  it('say their level after a time that there is not, as they do after any other', () => {
    const times = ['2026-11-28T00:60:00.1234567Z ', '2026-02-30T25:10:00.123Z 00O ', '2026-11-28T10:00:00.123Z '];
    const told = ['E/TAG( 12): X', 'E/TAG( 12): X—', '##[error]X', 'ERROR X', 'up', 'up —'];
    expectTheSame(said(times.flatMap((time) => told.map((line) => time + line))));
  });

  const digits = (most: number) => fc.nat({ max: most }).map((n) => String(n).padStart(String(most).length, '0'));
  const clock = fc.tuple(digits(24), digits(61), digits(61)).map((parts) => parts.join(':'));
  const fraction = fc.oneof(
    fc.constant(''),
    fc.tuple(fc.constantFrom('.', ','), fc.stringMatching(/^\d{0,10}$/)).map((p) => p.join('')),
  );
  const zone = fc.constantFrom(
    ...['', 'Z', ' Z', ' UTC', ' GMT', ' UTCx', '+0100', ' +01:00', '-05:30', '+01', ' +01', ' +12ms', ' -0510%'],
    ...[' PM', ' AM', ' PMs', ' pm', ' a.m.', ' p. m.', 'PM', 'CET', ',4624', ':INFO'],
    ...['  ', '  UTC', '  +01', '  PM', ' -', ' - ', ' - 01:00 ', ' -  ', '  - INFO ', '  INFO 12 --- [main] '],
  );
  const half = fc.constantFrom('', '', ' PM', ' AM', ' pm', ' a.m.', ' P. M.', 'pm', ' p', ' a.');
  /** Of few days, hours and minutes, so that many lines follow one of the same. */
  const few = fc
    .tuple(fc.constantFrom('11:59', '10:00', '23:59', '00:00', '8:59'), digits(61))
    .map((parts) => parts.join(':'));
  const stamp = fc.oneof(
    fc
      .tuple(fc.constantFrom('2026-11-28', '2026/11/28', '[2026-11-28'), fc.constantFrom('T', ' '), few, fraction, zone)
      .map((p) => p.join('')),
    fc.tuple(fc.constantFrom('', '['), few, fraction, half, fc.constantFrom('', ']')).map((p) => p.join('')),
    fc.tuple(fc.constantFrom('Nov 28 ', 'Nov  3 ', 'Dec 31 ', 'Jan  1 '), few, half).map((p) => p.join('')),
    fc
      .tuple(
        fc.constantFrom('10.0.0.1 - - [', 'a b c d [', 't - - [', '::1 - x[ [', 'x - [', '[', 'a:1 ['),
        fc.constantFrom('28/Nov/2026:', '28/Nov/2026 '),
        few,
        fc.constantFrom(' +0100]', ' +0000]', ' ]', ']', '.123]'),
      )
      .map((p) => p.join('')),
    fc
      .tuple(
        fc.constantFrom('2026-11-28T'),
        clock,
        fc.constantFrom('.1234567Z ', '.123Z 00O ', '.123456Z 01E+', 'Z ', '.12Z '),
      )
      .map((p) => p.join('')),
  );
  const beyondAscii = ['é', '日本', '✓ ', 'größe', '—', '😀', 'ſ', 'Ⅷ', 'İ', 'ß: ', '東京{'];
  const unusual = [
    '\x1b]0;x\x07',
    '\x7f',
    '● ',
    ' › ',
    '⎯',
    '\u00a0',
    'e\u0301',
    '\u0085',
    '\u212a',
    '\u202f',
    '\ufeff',
  ];
  const part = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...lineParts) },
    { weight: 1, arbitrary: fc.string({ maxLength: 5 }) },
    { weight: 1, arbitrary: fc.constantFrom('\x1b[31m', '\x1b[0m', '\t', 'ok'.repeat(230), ...beyondAscii) },
    { weight: 1, arbitrary: fc.constantFrom(...lineParts).map((text) => text.toUpperCase()) },
  );
  const text = fc
    .tuple(
      fc.option(stamp, { nil: '' }),
      fc.constantFrom('', ' ', ' INFO ', ' WARN: ', ' DEBUG|', '  TRACE\t', ' INFOX '),
      fc.array(part, { maxLength: 4 }),
    )
    .map(([time, level, parts]) => `${time}${level}${parts.join('')}`.replace(/[\r\n]/g, ''));
  const origin: fc.Arbitrary<Origin> = fc.record(
    {
      time: fc.constantFrom(noon, noon + 1, noon + 5000, noon + 90_000, noon + 11 * 3_600_000, noon + 14 * 3_600_000),
      stream: fc.constant('stderr' as const),
      source: fc.constantFrom('a', 'b'),
      continued: fc.constant(true as const),
      kind: fc.constant('notice' as const),
    },
    { requiredKeys: ['time'] },
  );
  const plainOrigin = fc.constant<Origin>({ time: noon });
  const lines = fc.array(
    fc.record({ text, origin: fc.oneof({ weight: 6, arbitrary: plainOrigin }, { weight: 1, arbitrary: origin }) }),
    {
      minLength: 1,
      maxLength: 30,
    },
  );

  /** What one of them has before or after it. */
  const odd = fc.option(fc.record({ at: fc.nat(), sign: fc.constantFrom(...unusual), isBefore: fc.boolean() }));

  it('are remembered as one by one, whatever they are made of', () => {
    fc.assert(
      fc.property(lines, fc.integer({ min: 1, max: 30 }), fc.nat({ max: 10 }), odd, (some, perBatch, before, one) => {
        const mixed = some.map((line, i) => {
          if (one === null || i !== one.at % some.length) return line;
          return { ...line, text: one.isBefore ? one.sign + line.text : line.text + one.sign };
        });
        expectTheSame(mixed, { perBatch, before });
      }),
      { numRuns: 250 },
    );
  });

  it('may be of any script', () => {
    const words = ['größere Prüfung', '東京 着いた', 'наконец-то', '✓ tests', '— and more', '😀', 'été', 'İstanbul'];
    const texts = Array.from({ length: 3000 }, (_, i) => {
      const word = words[i % words.length] as string;
      if (i % 100 === 7) return `${word} ERROR: ${word}`;
      return i % 3 === 0 ? `2026-11-28T10:00:${String(i % 60).padStart(2, '0')}Z INFO ${word}` : `${word} ${i} ${word}`;
    });
    expectTheSame(said(texts), { perBatch: 500 });
  });

  it('are remembered as one by one where a block holds more than is looked at in one go', () => {
    const sizes = [3, 80, 300, 5000, 127 * 1024, 128 * 1024, 140 * 1024, 230 * 1024];
    const piece = fc.record({
      text: fc.oneof({ weight: 4, arbitrary: text }, { weight: 1, arbitrary: fc.constantFrom(...unusual) }),
      isColored: fc.boolean(),
      origin: fc.oneof({ weight: 4, arbitrary: plainOrigin }, { weight: 1, arbitrary: origin }),
      size: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(...sizes) }),
      count: fc.constantFrom(1, 2, 40, 1500),
    });
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), fc.nat({ max: 9 }), (pieces, before) => {
        const some = pieces.flatMap(({ text, isColored, origin, size, count }) => {
          const line = `${text}${'ab '.repeat(size / 3)}`;
          const shown = isColored && count === 1 ? `\x1b[32m${line}\x1b[0m` : line;
          return Array<Said>(size > 5000 ? 1 : count).fill({ text: shown, origin });
        });
        const filler = said(
          Array.from({ length: 1200 }, (_, i) => `2026-11-28T10:00:00.${100 + (i % 900)}Z INFO ${i}`),
        );
        expectTheSame([...filler, ...some, ...filler, ...some], { before });
      }),
      { numRuns: 6 },
    );
  });

  it('are remembered as one by one where their times become less precise', () => {
    const many = Array.from({ length: 9000 }, (_, i) => {
      const time = new Date(noon + 7 * i + (i % 13)).toISOString();
      return i % 700 === 3 ? `${time} ERROR x` : `${time} ${i % 3 === 0 ? 'INFO ' : ''}request ${i}`;
    });
    expectTheSame(said(many), { perBatch: 700 });
  });
});
