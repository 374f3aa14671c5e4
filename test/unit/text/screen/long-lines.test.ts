import fc from 'fast-check';
import { expect, it } from 'vitest';
import { visibleText } from '../../../../agent/text/escapes/strip.ts';
import { createSplitter } from '../../../../agent/text/lines/splitter.ts';
import { createRedactor } from '../../../../agent/text/redact/redact.ts';
import { createRedactedSplitter } from '../../../../agent/text/redact/redacted-splitter.ts';
import { createScreenSplitter } from '../../../../agent/text/screen/screen-splitter.ts';

const secret = 'hunter2-hunter2';
const size = { columns: 120, rows: 10 };

/** The text of all lines, joined, that chunks make on a terminal. */
function textOf(chunks: readonly string[], secrets: string[] | undefined): string {
  let text = '';
  const receiver = {
    line(bytes: Buffer, start: number, end: number) {
      text += visibleText(bytes.toString('utf8', start, end));
    },
  };
  const lines =
    secrets === undefined
      ? createSplitter(receiver)
      : createRedactedSplitter(receiver, createRedactor({ values: secrets, patterns: [] }));
  const screen = createScreenSplitter(lines, { size: () => size, now: () => 0 });
  for (const chunk of chunks) screen.write(Buffer.from(chunk));
  screen.end();
  return text;
}

let numbers = 0;
/** So many characters, of which each part is unlike all others. */
const run = (length: number) => {
  let text = '';
  while (text.length < length) text += `${++numbers}.`;
  return text.slice(0, length - 1).concat(';');
};

/** Screen sequences that leave the cursor where it is, and all text as well. */
const stays = ['\x1b7\x1b8', '\x1b[s\x1b[3A\x1b[u', '\x1b7\x1b[H\x1b8'];
const part = fc.oneof(
  fc.constantFrom(10, 3000, 17_000, 70_000, 140_000, 262_145, 300_000).map(run),
  fc.constantFrom(...stays, ...stays),
  fc.constantFrom(secret, secret.slice(0, 4), secret.slice(9)),
  fc.constantFrom('\n', '\x1b[31m', '\x1b[0m'),
);

it('a line of any length loses nothing where a program begins to draw, and shows no secret', () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 14 }), fc.boolean(), (chunks, isRedacted) => {
      const printed = visibleText(chunks.join('')).replaceAll('\n', '');
      const whole = chunks
        .join('')
        .split('\n')
        .map((line) => visibleText(line).replaceAll(secret, '***'))
        // At the end it may be the beginning of one.
        .map((line, at, all) => (at === all.length - 1 ? line.replace(/hunt$/, '***') : line))
        .join('');
      const text = textOf(
        chunks.map((chunk) => chunk.replace('\n', '\r\n')),
        isRedacted ? [secret] : undefined,
      );
      expect(text === (isRedacted ? whole : printed)).toBe(true);
    }),
    { numRuns: 60 },
  );
});
