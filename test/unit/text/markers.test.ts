import { describe, expect, it } from 'vitest';
import { visibleText } from '../../../agent/text/escapes/strip.ts';
import type { Marker } from '../../../agent/text/marker.ts';
import { createMarkerReader } from '../../../agent/text/markers.ts';

/** What one speaker's lines say, each with its line's number. */
function markersOf(...lines: string[]): [id: number, marker: Marker][] {
  const reader = createMarkerReader();
  return lines.flatMap((line, i) =>
    reader.read(line, visibleText(line), i + 1).map((marker): [number, Marker] => [i + 1, marker]),
  );
}

describe('a header of Buildkite', () => {
  const marked = (text: string) => `\x1b_bk;t=1764316800000\x07${text}`;
  const titleOf = (line: string) => markersOf(line).map(([, marker]) => 'title' in marker && marker.title);

  it.each([
    ['--- :hammer: Test', ':hammer: Test'],
    ['+++ Result', 'Result'],
    ['~~~ Preparing', 'Preparing'],
    [marked('--- Build ---'), 'Build ---'],
    [marked('--- Deploy to a/b ---'), 'Deploy to a/b ---'],
    [marked('+++ \x1b[32mResult\x1b[0m ---'), 'Result ---'],
  ])('is %j', (line, title) => {
    expect(titleOf(line)).toEqual([title]);
  });

  it.each([
    ...['--- a/src/a.js', '+++ b/src/a.js', '--- "a/ä.js"', '--- /dev/null', '--- a.c\t2026-11-28 10:00:00'],
    ...['--- FAIL: TestParse (0.00s)', '--- PASS: TestParse (0.00s)', '---', '---- x', '--no-cache'],
  ])('is not %j, whoever prints it', (line) => {
    expect([titleOf(line), titleOf(marked(line))]).toEqual([[], []]);
  });

  it.each(['--- example.com ping statistics ---', '--- Logging error ---', '--- End of stack trace ---'])(
    'is not %j where Buildkite has not marked the line: others print that, too',
    (line) => {
      expect(titleOf(line)).toEqual([]);
    },
  );
});

describe('the end of a command in a shell', () => {
  it.each([
    ['D;0', { isFailed: false, code: 0 }],
    ['D;2', { isFailed: true, code: 2 }],
    ['D;130;aid=7', { isFailed: true, code: 130 }],
    // PowerShell's, of a process that Windows has ended.
    ['D;-1073741510', { isFailed: true, code: -1073741510 }],
    ['D', {}],
    ['D;', {}],
    ['D;aid=7', {}],
    ['D;2x', {}],
  ])('says with %s how it ended', (mark, ended) => {
    const lines = ['\x1b]133;C;cmdline_url=make%20all\x07', `\x1b]133;${mark}\x07`];
    expect(markersOf(...lines)).toEqual([
      [1, { type: 'open', title: 'make all', key: 'shell' }],
      [2, { type: 'close', key: 'shell', ...ended }],
    ]);
  });
});
