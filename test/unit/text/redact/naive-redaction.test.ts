import fc from 'fast-check';
import { expect, it } from 'vitest';
import { visibleText } from '../../../../agent/text/escapes/strip.ts';
import { parsePattern } from '../../../../agent/text/redact/pattern.ts';
import { createRedactor } from '../../../../agent/text/redact/redact.ts';
import { createRedactedSplitter, type RedactedSplitter } from '../../../../agent/text/redact/redacted-splitter.ts';

/** They overlap each other, themselves and what the patterns find. */
const values = ['key-12', '1212', '2=id=1'];
const allPatterns = ['key-\\d+', 'id=(\\d+)', '1+2', '(?:k|y)=(?:(1)|(2))', 'e{2,4}'];

/** What the rules say, looked up character by character with JavaScript's own expressions. */
function redactNaively(text: string, patterns = allPatterns): string {
  const isSecret: boolean[] = Array(text.length).fill(false);
  /** Whether a character belongs to what the one before belongs to. */
  const isJoined: boolean[] = Array(text.length).fill(false);
  const note = (from: number, to: number) => {
    for (let at = from; at < to; at++) {
      isSecret[at] = true;
      if (at > from) isJoined[at] = true;
    }
  };
  for (const value of values)
    for (let at = 0; at < text.length; at++) if (text.startsWith(value, at)) note(at, at + value.length);
  for (const source of patterns) {
    for (const { indices } of text.matchAll(new RegExp(source, 'dg'))) {
      const [whole, ...groups] = indices ?? [];
      const [from, to] = groups.find((group) => group !== undefined) ?? whole ?? [0, 0];
      note(from, to);
    }
  }
  let redacted = '';
  for (let at = 0; at < text.length; at++) {
    if (!isSecret[at]) redacted += text[at];
    else if (!isJoined[at]) redacted += '***';
  }
  return redacted;
}

const plain = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('k', 'e', 'y', '-', '1', '2', '=', ' ', 'ü') },
  { weight: 2, arbitrary: fc.constantFrom('key-1', 'id=', '12', ...values) },
);
const piece = fc.oneof(
  { weight: 6, arbitrary: plain },
  { weight: 1, arbitrary: fc.constantFrom('\x1b[31m', '\x1b[0m', '\n') },
);
const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
const cuts = fc.array(fc.nat(150), { maxLength: 5 });

function redacting(
  maxLineBytes?: number,
  patterns = allPatterns,
): { splitter: RedactedSplitter; lines: string[]; continued: boolean[] } {
  const lines: string[] = [];
  const continued: boolean[] = [];
  const splitter = createRedactedSplitter(
    {
      line(bytes, start, end, goesOn) {
        lines.push(visibleText(bytes.toString('utf8', start, end)));
        continued.push(goesOn);
      },
    },
    createRedactor({ values, patterns: patterns.map((source) => parsePattern(source)) }),
    maxLineBytes === undefined ? {} : { maxLineBytes },
  );
  return { splitter, lines, continued };
}

/** The bytes in chunks. */
function chunksOf(bytes: Buffer, at: readonly number[]): Buffer[] {
  const ends = [...at.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

it('values and patterns together take out what a look at every character takes out, however the text is cut', () => {
  fc.assert(
    fc.property(text, cuts, (given, at) => {
      const { splitter, lines } = redacting();
      for (const chunk of chunksOf(Buffer.from(`${given}\n`), at)) splitter.write(chunk);
      expect(lines).toEqual(given.split('\n').map((line) => redactNaively(visibleText(line))));
    }),
    { numRuns: 1000 },
  );
});

it('values alone as well, of which many bytes are searched at once', () => {
  // In fewer they are looked for one by one.
  const before = fc.constantFrom('', '', `${'.'.repeat(1100)}\n`, `${'.\n'.repeat(70_000)}`);
  fc.assert(
    fc.property(before, text, cuts, (before, given, at) => {
      const { splitter, lines } = redacting(undefined, []);
      const bytes = Buffer.from(`${before}${given}\n`);
      const ends = at.map((cut) => Math.max(0, bytes.length - cut));
      for (const chunk of chunksOf(bytes, ends)) splitter.write(chunk);
      expect(lines.slice(before.split('\n').length - 1)).toEqual(
        given.split('\n').map((line) => redactNaively(visibleText(line), [])),
      );
    }),
    { numRuns: 300 },
  );
});

it('an unfinished line shows the beginning of what the line will show, whenever it is looked at', () => {
  fc.assert(
    fc.property(text, cuts, (given, at) => {
      const line = given.replaceAll('\n', ' ');
      const { splitter, lines } = redacting();
      const shown: string[] = [];
      for (const chunk of chunksOf(Buffer.from(line), at)) {
        splitter.write(chunk);
        shown.push(visibleText(splitter.partial()));
      }
      splitter.write(Buffer.from('\n'));
      for (const partial of shown) expect(lines[0]?.slice(0, partial.length)).toBe(partial);
    }),
    { numRuns: 500 },
  );
});

it('the pieces of a line that is longer than the limit show together what the line would show', () => {
  // The shortest limit there is.
  const limit = 256;
  const filler = fc.integer({ min: 160, max: limit }).map((length) => '.'.repeat(length));
  const long = fc.constantFrom('', '', `key-${'1'.repeat(2 * limit)}`);
  fc.assert(
    fc.property(fc.array(fc.tuple(filler, text, long), { minLength: 1, maxLength: 3 }), cuts, (parts, at) => {
      const line = parts.flat().join('').replaceAll('\n', '');
      const { splitter, lines, continued } = redacting(limit);
      for (const chunk of chunksOf(Buffer.from(`${line}\n`), at)) splitter.write(chunk);
      expect(lines.join('')).toBe(redactNaively(visibleText(line)));
      expect(continued).toEqual(continued.map((_, index) => index < continued.length - 1));
    }),
    {
      numRuns: 300,
      // What stands before a group is the end of a piece, and the group's text the beginning of the next one.
      examples: [[[['.'.repeat(limit - 3), 'id=1', `key-${'1'.repeat(2 * limit)}`]], []]],
    },
  );
});
