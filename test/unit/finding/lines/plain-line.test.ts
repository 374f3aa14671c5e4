import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf, levelCodes } from '../../../../agent/finding/lines/levels.ts';
import { createPlainLineReader, unsure } from '../../../../agent/finding/lines/plain-line.ts';
import { levelOf } from '../../../../agent/text/level.ts';
import { createMarkerReader } from '../../../../agent/text/markers.ts';
import { createRecordTracker } from '../../../../agent/text/record.ts';
import { timestampOf } from '../../../../agent/text/timestamp.ts';

const arrived = new Date(2026, 10, 28, 12, 0, 0).getTime();
const fixtures = new URL('../../../fixtures/', import.meta.url);

/** Real lines, as far as they are plain. */
const printed = [...linesIn('ci', 0), ...linesIn('levels', 6), ...linesIn('records', 2)].filter((line) =>
  /^[\t\x20-\x7e]*$/.test(line),
);

function linesIn(folder: string, start: number): string[] {
  const names = readdirSync(new URL(`${folder}/`, fixtures)).filter((name) => /\.(?:log|txt)$/.test(name));
  const texts = names.map((name) => readFileSync(new URL(`${folder}/${name}`, fixtures), 'utf8'));
  return texts.flatMap((text) => text.split(/\r?\n/)).map((line) => line.slice(start));
}

/** What levels, records, markers and times are made of. */
const parts = [
  ...[
    '** (RuntimeError) x',
    '    (a 1.0) lib/a.ex:1: f',
    '[stacktrace]',
    '(Use `node --trace-warnings',
    '"main" #1 nid=1',
  ],
  ...[
    '=CRASH REPORT==== x',
    '==1==ERROR: AddressSanitizer: x',
    'SUMMARY: AddressSanitizer: x',
    '____ x ____',
    'Killed',
  ],
  ...[
    'WARNING: DATA RACE',
    '--- End of stack ',
    '[UnhandledPromiseRejection: x',
    '\t[CIRCULAR REFERENCE: x',
    'Caused by:',
  ],
  ...[
    'rm: cannot remove',
    'x: unable to ',
    'x: Could not ',
    'Could not connect to ',
    '(core dumped)',
    'Out of memory: ',
    '+ ',
  ],
  ...[': Connection refused', ': Is a directory', 'terminate called after throwing ', 'Oops: ', 'FAIL: ', 'a.ERROR: '],
  ...['2026-11-28T10:00:00.123Z ', '2026-11-28 10:00:00,5 ', '2026/11/28 10:00:01 ', '[10:00:00] ', '10:00:00.25 '],
  ...['[2026-11-28T10:00:00Z] ', 'Nov 28 10:00:00 ', '2026-11-28 10:00:00 +0100 ', '2026-11-28T10:00:00', 'Z ', '00O '],
  ...[
    'INFO ',
    'INFO: ',
    'WARNING ',
    'ERROR|',
    'DEBUG\t',
    '[info] ',
    '[e]',
    'error: ',
    'Error',
    'level=',
    '"level":"warn"',
  ],
  ...[
    'fatal',
    'exception',
    'crit',
    'trace',
    'notice',
    'alert',
    'emerg',
    'panic: ',
    'severe',
    'severity',
    'lvl=4',
    'verb',
  ],
  ...[
    'sill',
    'fail',
    'FAIL ',
    'fault',
    '--- FAIL: ',
    'not ok 1',
    'npm http ',
    'bash: x: command not found',
    '*** ',
    '<3>',
  ],
  ...[
    'make: *** ',
    'make[1]: ',
    'E   x',
    'E1128 ',
    '##teamcity[',
    '##[group]',
    '::group::',
    '--- ',
    '+++ ',
    '~~~ ',
    '^^^ +++',
  ],
  ...[
    '    at f (a.js:1:2)',
    '\tat ',
    '... 12 more',
    'Caused by: ',
    '#0 {main}',
    '#1 /a(1): f',
    'Stack trace:',
    'SIGSEGV: x',
  ],
  ...[
    'goroutine 1 [running]:',
    "thread 'main' panicked at ",
    'node:internal/a:1',
    '/srv/a.js:3',
    'file:///a.js:3',
    'a.c:1:2: ',
  ],
  ...[
    'Traceback (most recent call last):',
    'x: note',
    ': note: ',
    ' {',
    '}',
    '{"time":1764316801123}',
    'time=1764316801 ',
  ],
  ...[
    't=1764316801 ',
    'ts=1 ',
    '10.0.0.1 - - [28/Nov/2026:08:00:01 +0100] ',
    'from a:1',
    '2: from a:1',
    'thrown in a',
    '--- End of',
  ],
  ...[
    ' ',
    '  ',
    '\t',
    'worker',
    'server',
    'x',
    '1',
    '12',
    '[',
    ']',
    ':',
    '-',
    '/',
    'a b',
    'Sep',
    'Dec 1',
    '.',
    '0 errors',
  ],
];

/** What the expressions say of a line after an ordinary one. */
function closelyLookedAt(line: string) {
  const records = createRecordTracker();
  records.continues('ordinary');
  return {
    level: codeOf(levelOf(line)),
    time: timestampOf(line, arrived),
    standsForItself: !records.continues(line) && !records.isAmid,
    markers: createMarkerReader().read(line, line),
  };
}

function expectAgreement(lines: readonly string[]): number {
  const reader = createPlainLineReader();
  let sure = 0;
  for (const line of lines) {
    const bytes = Buffer.from(`id: 1\ndata: ${line}\n\nid: 2\n`);
    const code = reader.read(bytes, 12, 12 + line.length, arrived);
    if (code === unsure) continue;
    sure++;
    const said = { level: code, time: reader.stamp, standsForItself: true, markers: [] };
    expect(said, line).toEqual(closelyLookedAt(line));
  }
  return sure;
}

describe('a line that is read from its bytes', () => {
  it('says what a closer look says, for what is printed in builds', () => {
    expect(printed.length).toBeGreaterThan(300);
    expect(expectAgreement(printed) / printed.length).toBeGreaterThan(0.1);
  });

  it('says what a closer look says, whatever it is made of', () => {
    const line = fc
      .array(fc.oneof(fc.constantFrom(...parts), fc.string({ maxLength: 4 })), { maxLength: 6 })
      .map((made) => made.join('').replace(/[^\t\x20-\x7e]/g, ''));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => void expectAgreement(lines)),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['2026-11-28T10:00:00.123Z INFO  [worker-1] request 7 handled', levelCodes.info],
    ['[10:00:00] DEBUG cache hit', levelCodes.debug],
    ['Compiling module 12 of the server', levelCodes.none],
    ['', levelCodes.none],
    ['2026-11-28T10:00:00.123Z ERROR refused', unsure],
    ['Found an error', unsure],
    ['    at f (a.js:1:2)', unsure],
  ])('%s', (line, code) => {
    const bytes = Buffer.from(`${line}\n`);
    expect(createPlainLineReader().read(bytes, 0, line.length, arrived)).toBe(code);
  });
});
