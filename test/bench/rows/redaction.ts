import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { encodeLines, nowUs } from '../lines.ts';
import type { Row } from '../row.ts';
import { count } from '../table.ts';
import { ingest } from './ingest.ts';

const secretCount = 10;

export const row: Row = {
  name: 'redaction',
  title: (bench) =>
    `the same file of ${count(linesOf(bench))} lines with ${secretCount} secrets to look for, no client`,
  measures: { 'lines/s': 'rate', 'CPU s': 'number' },
  checks: [
    { measure: 'lines/s', to: 'nothing to hide', atLeast: 0.3 },
    { measure: 'lines/s', entrant: 'nothing to hide', to: '--no-redact', atLeast: 0.8 },
  ],
  async prepare(bench) {
    const lines = linesOf(bench);
    const content = join(bench.folder(), 'content.txt');
    writeFileSync(content, encodeLines(1, lines, nowUs()));
    const names = Array.from({ length: secretCount }, (_, i) => `SERVICE_${i}_TOKEN`);
    const env = Object.fromEntries(names.map((name, i) => [name, `not-in-any-line-${i}`]));
    return [
      { name: 'sse-tail', measure: () => ingest(bench, content, lines, { env }) },
      { name: 'nothing to hide', measure: () => ingest(bench, content, lines) },
      { name: '--no-redact', measure: () => ingest(bench, content, lines, { options: ['--no-redact'] }) },
      {
        name: 'a pattern',
        measure: () => ingest(bench, content, lines, { options: ['--redact-pattern', 'key=[a-z]+'] }),
      },
    ];
  },
};

function linesOf(bench: Bench): number {
  return bench.size(1_000_000, 100_000);
}
