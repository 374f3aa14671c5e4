import { describe, expect, it } from 'vitest';
import { piecesOf } from '../../../agent/text/drawing/invisible.ts';
import { linksIn } from '../../../agent/text/drawing/links.ts';
import { runsOf, shownText } from '../../../agent/text/drawing/runs.ts';
import { keepHidden, markersIn, restoreHidden } from '../../../agent/text/escapes/hidden.ts';
import { visibleText } from '../../../agent/text/escapes/strip.ts';
import { levelOf, problemOf } from '../../../agent/text/level.ts';
import { createSplitter } from '../../../agent/text/lines/splitter.ts';
import { createMarkerReader } from '../../../agent/text/markers.ts';
import { createRecordTracker } from '../../../agent/text/record.ts';
import { createRedactor } from '../../../agent/text/redact/redact.ts';
import { createRedactedSplitter } from '../../../agent/text/redact/redacted-splitter.ts';
import { createScreenSplitter } from '../../../agent/text/screen/screen-splitter.ts';
import { timestampOf } from '../../../agent/text/time/timestamp.ts';
import { fieldsOf } from '../../../web/text/json-line.ts';
import { leastTime, leastTimes, processorTime } from '../../support/growth.ts';

const none = { line() {} };

/** All that a line passes through. */
const passes: Record<string, (line: string) => void> = {
  splitter(line) {
    const splitter = createSplitter(none);
    const bytes = Buffer.from(line);
    for (let at = 0; at < bytes.length; at += 16_384) splitter.write(bytes.subarray(at, at + 16_384));
    splitter.partial();
    splitter.write(Buffer.from('\n'));
  },
  redaction(line) {
    const redactor = createRedactor({ values: ['hunter2-hunter2', 'aaaaaaaab'], patterns: [] });
    const splitter = createRedactedSplitter(none, redactor);
    splitter.write(Buffer.from(line));
    splitter.partial();
    splitter.write(Buffer.from('\n'));
  },
  terminal(line) {
    const size = { columns: 120, rows: 40 };
    const screen = createScreenSplitter(createSplitter(none), { size: () => size });
    const bytes = Buffer.from(`${line}\n`);
    for (let at = 0; at < bytes.length; at += 16_384) screen.write(bytes.subarray(at, at + 16_384));
    screen.rows();
    screen.end();
  },
  hidden(line) {
    restoreHidden(keepHidden(line));
    for (const _marker of markersIn(line)) {
      // only the time counts
    }
  },
  finding(line) {
    const visible = visibleText(line);
    levelOf(visible);
    timestampOf(visible, 0, line);
    createMarkerReader().read(line, visible, 1);
    const tracker = createRecordTracker(problemOf);
    for (const each of ['a.c:1:2: error: x', visible, 'panic: x', visible]) tracker.continues(each);
  },
  page(line) {
    const visible = shownText(line);
    runsOf(line);
    linksIn(visible);
    piecesOf(visible);
    fieldsOf(visible);
  },
};

const strings = [
  ']',
  'P',
  '_',
  '^',
  'X',
  'k',
  ']8;;',
  'Ptmux;',
  '\x1bPtmux;',
  'Pq',
  ']1337;File=:AA',
  '_sse-tail;',
  '_bk;t=',
];
const starts = [...strings, '', '[', '[1;', '[8mha:', '(', '7', '8'].map((rest) => `\x1b${rest}`);
const controls = ['\x9b', '\x9d', '\x90', '\x07', '\b', '\r', '\x7f', '\0', '\x18'];
const ends = ['\x1b\\', '\x07', '\x1b\x1b\\'];
const words = [
  'a',
  ' ',
  '{',
  '"a":',
  '[[',
  'http://a,',
  '((',
  ':1',
  '/a',
  'a=',
  "' '",
  'section_start:1:a[',
  '::add-mask::',
  '%41',
  '\u0301',
];

const units = [...starts, ...controls, ...words, ...starts.flatMap((start) => ends.map((end) => `${start}${end}`))];

const size = 64 * 1024;
/** Of a short line shows at once, and with all that disturbs it, whether a long one has to be looked at. */
const soonMs = 10;

/**
 * Whether a line of these parts, as often as there is room for, takes long: much more for a long one than for a short
 * one.
 */
function isSlow(pass: (line: string) => void, lineOf: (bytes: number) => string, shortBytes: number): boolean {
  const short = lineOf(shortBytes);
  if (processorTime(() => pass(short)) < soonMs) return false;
  const line = lineOf(size);
  return leastTime(() => pass(line), 250) > 250;
}

const repeated = (unit: string, bytes: number) => unit.repeat(bytes / unit.length);

describe.each(Object.entries(passes))('a line of anything, 64 KB long: %s', (_, pass) => {
  it('takes a few milliseconds for 16 KB at most', () => {
    pass('warm up');
    expect(units.filter((unit) => isSlow(pass, (bytes) => repeated(unit, bytes), size / 4))).toEqual([]);
  });

  // What one of them has opened, the other may have to look through for its end, again and again.
  it('also one of two starts in turn, and of many of the one before many of the other', () => {
    const pairs = starts.flatMap((one, at) => starts.slice(at + 1).map((other) => [one, other] as const));
    const ways: readonly ((one: string, other: string, bytes: number) => string)[] = [
      (one, other, bytes) => repeated(one + other, bytes),
      (one, other, bytes) => repeated(one, bytes / 2) + repeated(other, bytes / 2),
      (one, other, bytes) => repeated(other, bytes / 2) + repeated(one, bytes / 2),
    ];
    const slow = pairs.flatMap(([one, other]) =>
      ways.flatMap((way, at) =>
        isSlow(pass, (bytes) => way(one, other, bytes), size / 8) ? [`${one} and ${other}, way ${at}`] : [],
      ),
    );
    expect(slow).toEqual([]);
  });
});

/** Everything that is counted, and moves or repeats something. */
const counted = Array.from('@ABCDEFGHILMPSTXZ`abdefgjkr', (final) => `\x1b[65535${final}`);
const others = ['\x1bM', '\x1bD', '\x1bE', '\x1bH', '\x1b[J', '\x1b[1J', '\x1b[2J', '\x1b[K', '\x1b7', '\x1b8'];
const repeats = ['x', '日', 'e\u0301', '\x1b[Hx', '\x1b[40;120Hx', '\x1b[20Hx'].map((before) => `${before}\x1b[65535b`);
const pairs = [
  'x\x1b[65535L',
  'x\x1b[65535M',
  'x\x1b[65535S',
  'x\x1b[65535T',
  'x\r\x1b[65535@',
  'x\x1b[H\x1bM',
  '\x1b[2;9r\n\x1b[65535T',
];

/** What is in force, or on the screen, before them. */
const before = {
  'an empty screen': '\x1b[H',
  'a full screen': `\x1b[H${`${'x'.repeat(119)}\r\n`.repeat(40)}`,
  'a colored background': '\x1b[H\x1b[41m',
  'characters being inserted': '\x1b[Hx\x1b[4h',
  'a hidden cursor': `\x1b[?25l${'x\r\n'.repeat(40)}`,
  'the alternate screen': '\x1b[?1049h',
  'no wrapping': 'x\x1b[?7l',
};

describe.each(Object.entries(before))('sequences that ask a terminal for as much as they can, on %s', (_, start) => {
  it('take little longer than as many bytes that end lines', () => {
    const timeOf = (unit: string) => processorTime(() => passes.terminal?.(start + unit.repeat(4096 / unit.length)));
    timeOf('x\x1b[65535b');
    let ordinary = timeOf('\n');
    const isLittleLonger = ([ms = 0, ofLines = 0]: number[]) => {
      ordinary = Math.min(ordinary, ofLines);
      return ms <= 4 * Math.max(12, ordinary);
    };
    const slow = [...counted, ...others, ...repeats, ...pairs].filter((unit) => {
      if (isLittleLonger([timeOf(unit), ordinary])) return false;
      return !isLittleLonger(leastTimes([() => timeOf(unit), () => timeOf('\n')], isLittleLonger));
    });
    expect(slow).toEqual([]);
  });
});
