import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { visibleText } from '../../../../agent/text/escapes/strip.ts';
import { createSplitter } from '../../../../agent/text/lines/splitter.ts';
import { createScreenSplitter } from '../../../../agent/text/screen/screen-splitter.ts';

const directory = fileURLToPath(new URL('../../../fixtures/terminal/', import.meta.url));
const sizes: Record<string, { columns: number; rows: number }> = {
  '03': { columns: 80, rows: 24 },
  '03b': { columns: 80, rows: 24 },
  '22': { columns: 120, rows: 40 },
  '23': { columns: 120, rows: 24 },
  '28': { columns: 100, rows: 40 },
};

/** What a program prints, and how long it pauses before each part. */
function feedOf(file: string): [pauseMs: number, bytes: Buffer][] {
  const content = readFileSync(`${directory}${file}`);
  if (file.endsWith('.bin')) return [[0, Buffer.from(content.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1')]];
  const parts = JSON.parse(content.toString()) as [number, string][];
  return parts.map(([ms, base64]) => [
    ms,
    Buffer.from(Buffer.from(base64, 'base64').toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1'),
  ]);
}

/** The lines that a feed makes, on a clock that only the feed moves. */
function play(feed: [number, Buffer][], size: { columns: number; rows: number }): string[] {
  const lines: string[] = [];
  let now = 0;
  const splitter = createSplitter({
    line: (bytes, start, end) => lines.push(visibleText(bytes.toString('utf8', start, end))),
  });
  const screen = createScreenSplitter(splitter, { size: () => size, now: () => now });
  for (const [ms, bytes] of feed) {
    const until = now + ms;
    for (let wait = screen.settle(); wait !== undefined && now + wait <= until; wait = screen.settle())
      now += Math.max(wait, 1);
    now = until;
    screen.write(bytes);
  }
  screen.end();
  return lines;
}

const inputs = readdirSync(directory).filter(
  (name) => /\.(?:feed|bin)$/.test(name) && !name.startsWith('18') && !name.startsWith('20'),
);

it.each(inputs)('%s becomes the lines that a terminal shows', (file) => {
  const name = file.replace(/\.\w+$/, '');
  const expected = readFileSync(`${directory}${name}.expect`, 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith('# '));
  const lines = play(feedOf(file), sizes[name.split('-')[0] as string] ?? { columns: 120, rows: 40 });
  const text = (rows: string[]) =>
    rows
      .map((row) => row.trimEnd())
      .join('\n')
      .trimEnd();
  expect(text(lines)).toBe(text(expected.map(visibleText)));
});
