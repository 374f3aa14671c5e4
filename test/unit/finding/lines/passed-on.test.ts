import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createChunkBuilder } from '../../../../agent/finding/chunks/chunk-builder.ts';
import { codeOf } from '../../../../agent/finding/lines/levels.ts';
import { lineScanner } from '../../../../agent/finding/lines/line-scanner.ts';
import { createPlainLineReader, unsure } from '../../../../agent/finding/lines/plain-line.ts';
import { createBatchBuilder } from '../../../../agent/frame/encode.ts';
import { levelOf, levelWords, problemOf } from '../../../../agent/text/level.ts';
import { createRecordTracker } from '../../../../agent/text/record.ts';
import { lineParts, printedLines } from '../../../support/line-parts.ts';

const noon = new Date(2026, 10, 28, 12, 0, 0).getTime();

const clocks = ['2026-11-28T10:00:00.123Z ', '2026-11-28T10:00:00.123Z 00O ', '10:00:00 ', '#7 0.123 '];
const senders = [
  '',
  'web  | ',
  'db-1     | ',
  '10:00:00 web.1   | ',
  'Nov 28 10:00:00 host app[3]: ',
  'Nov  3 10:00:00.123456 host kernel: ',
  '2026-11-28T10:00:00+01:00 host systemd[1]: ',
  '2026-11-28T10:00:00.123456+01:00 host a.service[3]: ',
  '[pod/web-7d9c/app] ',
  '[pod/web-7d9c/app] 2026-11-28T10:00:00.123456789Z ',
  'web-1  | 2026-11-28T10:00:00.123456789Z ',
  'web.1.x7@node    | ',
  'ERROR  | ',
  'Info     | ',
  'http    | ',
  'd  | ',
];
const prefixes = [...senders, ...clocks.flatMap((clock) => senders.map((sender) => clock + sender))];
const saysNothing = 'a line of no level';
const texts = [...new Set([...printedLines, ...lineParts.map((part) => part.trimEnd())])];

function levelRead(line: string): number {
  const bytes = Buffer.from(`id: 1\ndata: ${line}\n\nid: 2\n`);
  return createPlainLineReader().read(bytes, 12, 12 + line.length, noon);
}

it.each(prefixes)('what is printed says the level behind %j that a closer look finds', (prefix) => {
  const wrong = texts
    .map((text) => prefix + text)
    .filter((line) => {
      const code = levelRead(line);
      return code !== unsure && code !== codeOf(levelOf(line));
    });
  expect(wrong).toEqual([]);
});

it.each(prefixes)('what is printed stands for itself behind %j where it is not looked at closely', (prefix) => {
  const wrong = texts
    .map((text) => prefix + text)
    .filter((line) => {
      const records = createRecordTracker(problemOf);
      records.continues(`${prefix}${saysNothing}`);
      return levelRead(line) !== unsure && (records.continues(line) || records.isAmid);
    });
  expect(wrong).toEqual([]);
});

it.each(levelWords)('%j takes a closer look wherever it stands', (word) => {
  const places = ['x', 'xx', 'x'.repeat(15), 'x'.repeat(16), ...senders.filter((sender) => sender !== '')];
  const lines = places.flatMap((before) => [`${before}${word}x`, `${before}${word.toUpperCase()} x`]);
  expect(lines.filter((line) => levelRead(line) !== unsure)).toEqual([]);
  expect(lines.filter((line) => passedByScanner(line))).toEqual([]);
});

function passedByScanner(line: string): boolean {
  const scanner = lineScanner();
  if (scanner === undefined) throw new Error('There is no SIMD here.');
  scanner.load(Buffer.from(`id: 1\ndata: ${line}\n\n`));
  const limits = { lines: 10, times: 10, time: 0, noted: 0, precisionMs: 0 };
  return scanner.scan(0, false, limits) === 'read';
}

/** Readers do not see it; a line that holds it takes a closer look. */
const title = '\x1b]0;title\x07';

function levelsRemembered(lines: readonly string[], isScanned: boolean): string[] {
  const builder = createChunkBuilder(1, { scanner: isScanned ? lineScanner() : undefined });
  const batch = createBatchBuilder(1);
  batch.origin({ time: noon });
  for (const line of lines) batch.line(Buffer.from(line), 0, Buffer.byteLength(line));
  const { bytes, length } = batch.take() as NonNullable<ReturnType<typeof batch.take>>;
  builder.take({ bytes: bytes.subarray(0, length), firstId: 1, lastId: lines.length });
  const codes = builder.chunk.levels as Uint8Array;
  return lines.map((line, i) => `${codes[i]} ${line.replace(title, '')}`);
}

it('lines of several senders have the levels, in whatever order, that a closer look at each finds', () => {
  const line = fc
    .tuple(fc.constantFrom(...prefixes), fc.constantFrom(saysNothing, ...texts))
    .map(([prefix, text]) => `${prefix}${text}`);
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 40 }), (lines) => {
      const closely = levelsRemembered(
        lines.map((text) => `${text}${title}`),
        false,
      );
      expect(levelsRemembered(lines, true)).toEqual(closely);
      expect(levelsRemembered(lines, false)).toEqual(closely);
    }),
    { numRuns: 400 },
  );
});
