import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFileSource } from '../../../agent/sources/file/file.ts';
import type { FilePosition } from '../../../agent/words/position.ts';
import { createRecordingSink } from '../../support/recording-sink.ts';

/**
 * A text in UTF-16, cut into writes anywhere (also within a character), with the follower killed between some of them.
 */
interface Case {
  isBigEndian: boolean;
  lines: string[];
  cuts: number[];
  kills: boolean[];
}

const character = fc.constantFrom('a', 'é', '日', '😀', '\u{10ffff}', '\u0a0a', '\u0a00', '\u000b', '\r');
const textCase: fc.Arbitrary<Case> = fc.record({
  isBigEndian: fc.boolean(),
  lines: fc.array(
    fc.array(character, { maxLength: 20 }).map((line) => line.join('')),
    { minLength: 1, maxLength: 20 },
  ),
  cuts: fc.array(fc.nat(500), { maxLength: 10 }),
  kills: fc.array(fc.boolean(), { minLength: 11, maxLength: 11 }),
});

async function run({ isBigEndian, lines, cuts, kills }: Case): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'sse-tail-utf16-'));
  const path = join(directory, 'app.log');
  const text = Buffer.from(`\ufeff${lines.map((line) => `${line}\n`).join('')}`, 'utf16le');
  const bytes = isBigEndian ? text.swap16() : text;
  const ends = [...new Set([...cuts.filter((cut) => cut < bytes.length), bytes.length])].sort((a, b) => a - b);
  const arrived: string[] = [];
  let positions: ReadonlyMap<string, FilePosition> = new Map();
  writeFileSync(path, '');

  try {
    let from = 0;
    for (let at = 0; from < bytes.length; ) {
      const sink = createRecordingSink();
      const source = createFileSource({ paths: [path], start: 'all', positions });
      await source.start(sink);
      let isKilled = false;
      while (!isKilled && from < bytes.length) {
        const end = ends[at] ?? bytes.length;
        appendFileSync(path, bytes.subarray(from, end));
        from = end;
        isKilled = kills[at++] ?? false;
        await new Promise(setImmediate);
      }
      if (from === bytes.length)
        await sink.until(() => arrived.length + sink.lines.length >= lines.length, 'all lines');
      sink.freeze();
      arrived.push(...sink.lines);
      positions = new Map([...positions, ...sink.positions]);
      await source.stop();
    }
    expect(arrived).toEqual(lines);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('UTF-16 comes whole however it is written, and whenever the agent is killed', async () => {
  await fc.assert(fc.asyncProperty(textCase, run), { numRuns: 25, endOnFailure: true });
});

test.each(['utf16le', 'utf16be', 'utf8'] as const)(
  'a compressed file in marked %s is read as text',
  async (encoding) => {
    const directory = mkdtempSync(join(tmpdir(), 'sse-tail-utf16-'));
    const path = join(directory, 'app.log.gz');
    const text = '\ufefferste Zeile ö\nzweite 磁盘\nletzte 😀\n';
    const bytes = Buffer.from(text, encoding === 'utf8' ? 'utf8' : 'utf16le');
    writeFileSync(path, gzipSync(encoding === 'utf16be' ? bytes.swap16() : bytes));
    const linesFrom = async (start: 'all' | { last: number }, count: number, positions?: Map<string, FilePosition>) => {
      const sink = createRecordingSink();
      const source = createFileSource({ paths: [path], start, positions: positions ?? new Map() });
      await source.start(sink);
      await sink.until(() => sink.lines.length >= count, 'all lines');
      await source.stop();
      return sink;
    };
    try {
      const all = await linesFrom('all', 3);
      expect(all.lines.map((line) => line.replace('\ufeff', ''))).toEqual([
        'erste Zeile ö',
        'zweite 磁盘',
        'letzte 😀',
      ]);
      expect((await linesFrom({ last: 1 }, 1)).lines).toEqual(['letzte 😀']);
      expect((await linesFrom('all', 0, all.positions)).lines).toEqual([]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
);
