import { expect, it } from 'vitest';
import { createChunkBuilder } from '../../../../agent/finding/chunks/chunk-builder.ts';
import { leastTime, processorTime } from '../../../support/growth.ts';

/*
 * Most that is looked for in a line ends after its first thousand characters: what is slow shows in many lines of that
 * length, not in a long one.
 */

const lineLength = 1000;
const linesAtOnce = 4;
/** An ordinary line takes a hundredth of that. */
const mostMs = linesAtOnce / 2;

const starts = ['', 'FAILED ', 'ERROR ', '[gw0] [ 50%] FAILED ', '___ ', '=== ', 'error: ', '--- FAIL: ', '    at '];
const units = [
  'a.py::',
  '.py',
  ' - ',
  ' ',
  '[',
  ']',
  '[a] - ',
  ' FAILED',
  ' ERROR [ 1%]',
  '_ ___',
  '1 a, ',
  ' in 1s',
  'a',
  '=',
  ':',
  '/a',
  '(',
  'a.go:1: ',
  ': error: ',
  '"',
];
/** `.` and `$` of an expression take a line separator for the end of a line. */
const ends = ['', '\u2028', ' FAILED', '='];

function passTime(line: string): number {
  const frames = Array.from({ length: linesAtOnce }, (_, i) => `id: ${1 + i}\ndata: ${line}\n\n`);
  const bytes = Buffer.from(`event: origin\ndata: {"time":1764316801123}\n\n${frames.join('')}`);
  const builder = createChunkBuilder(1);
  return processorTime(() => builder.take({ bytes, firstId: 1, lastId: linesAtOnce }));
}

/** One unit as often as there is room for in the first half of the line, then the other. */
function lineOf(start: string, one: string, other: string, end: string): string {
  const room = lineLength - start.length - end.length;
  const first = one.repeat(room / one.length).slice(0, room / 2);
  return `${start}${first}${other.repeat(room / other.length).slice(0, room - first.length)}${end}`;
}

it.each(starts)('a line of two parts that begins with "%s" takes no longer than other lines', (start) => {
  const slow: string[] = [];
  for (const one of units) {
    for (const other of units) {
      for (const end of ends) {
        const line = lineOf(start, one, other, end);
        if (passTime(line) > mostMs && leastTime(() => passTime(line), mostMs) > mostMs) slow.push(line);
        if (slow.length > 2) return expect(slow).toEqual([]);
      }
    }
  }
  expect(slow).toEqual([]);
});
