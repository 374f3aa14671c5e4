import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf, levelCodes } from '../../../../agent/finding/lines/levels.ts';
import { createPlainLineReader, unsure } from '../../../../agent/finding/lines/plain-line.ts';
import { levelOf, problemOf } from '../../../../agent/text/level.ts';
import { createMarkerReader } from '../../../../agent/text/markers.ts';
import { createRecordTracker } from '../../../../agent/text/record.ts';
import { timestampOf } from '../../../../agent/text/time/timestamp.ts';
import { lineParts, printedLines } from '../../../support/line-parts.ts';

const arrived = new Date(2026, 10, 28, 12, 0, 0).getTime();
/** What the expressions say of a line after an ordinary one. */
function closelyLookedAt(line: string) {
  const records = createRecordTracker(problemOf);
  records.continues('ordinary');
  return {
    level: codeOf(levelOf(line)),
    time: timestampOf(line, arrived),
    standsForItself: !records.continues(line) && !records.isAmid,
    markers: createMarkerReader().read(line, line, 1),
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
    expect(printedLines.length).toBeGreaterThan(300);
    expect(expectAgreement(printedLines) / printedLines.length).toBeGreaterThan(0.1);
  });

  it('says what a closer look says, whatever it is made of', () => {
    const line = fc
      .array(fc.oneof(fc.constantFrom(...lineParts), fc.string({ maxLength: 4 })), { maxLength: 6 })
      .map((made) => made.join('').replace(/[^\t\x20-\x7e]/g, ''));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => void expectAgreement(lines)),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['2026-11-28T10:00:00.123Z INFO  [worker-1] request 7 handled', levelCodes.info],
    ['[10:00:00] DEBUG cache hit', levelCodes.debug],
    ['2026-11-28 10:00:00.123  INFO 1234 --- [main] c.e.App : up', levelCodes.info],
    ['2026-11-28T10:00:00.123Z --- a group', unsure],
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
