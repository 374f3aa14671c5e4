import { mkdtempSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lastLinesOffset } from '../../../../../agent/sources/file/open/start-offset.ts';

let directory: string;
let handle: FileHandle;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sse-tail-start-'));
  handle = await open(join(directory, 'file'), 'w+');
});

afterAll(async () => {
  await handle.close();
  rmSync(directory, { recursive: true });
});

async function startOf(bytes: Buffer, lines: number, encoding: 'utf8' | 'utf16le' | 'utf16be' = 'utf8') {
  await handle.truncate();
  await handle.write(bytes, 0, bytes.length, 0);
  return lastLinesOffset(handle, bytes.length, lines, encoding);
}

/** The simplest way to say it. */
function lastLines(text: string, lines: number): string {
  const all = text.split(/(?<=\n)/);
  return lines === 0 ? '' : all.slice(-lines).join('');
}

const text = fc
  .array(fc.constantFrom('\n', 'a', 'bc', '\n\n', 'long '.repeat(30_000)), { maxLength: 12 })
  .map((all) => all.join(''));

test('the last lines are those that splitting the text gives', async () => {
  await fc.assert(
    fc.asyncProperty(text, fc.nat({ max: 8 }), async (content, lines) => {
      const bytes = Buffer.from(content);
      const start = await startOf(bytes, lines);
      expect(bytes.subarray(start).toString()).toBe(lastLines(content, lines));
    }),
    { numRuns: 60 },
  );
});

test.each(['utf16le', 'utf16be'] as const)(
  'the same in %s, where a line end is two bytes at an even place',
  async (encoding) => {
    await fc.assert(
      fc.asyncProperty(text, fc.nat({ max: 8 }), async (content, lines) => {
        // U+0A0A and U+0A00 hold the byte of a line end without being one.
        const tricky = content.replaceAll('bc', 'ਊ\u0a00');
        const little = Buffer.from(tricky, 'utf16le');
        const start = await startOf(encoding === 'utf16le' ? little : Buffer.from(little).swap16(), lines, encoding);
        expect(little.subarray(start).toString('utf16le')).toBe(lastLines(tricky, lines));
      }),
      { numRuns: 40 },
    );
  },
);
