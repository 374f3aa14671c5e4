import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { deliver } from '../delivery.ts';
import { encodeLines, nowUs } from '../lines.ts';
import { startClient } from '../load/client.ts';
import { appendAtOnce } from '../load/writer.ts';
import { express } from '../programs/express.ts';
import type { Program } from '../programs/program.ts';
import { sseTail } from '../programs/sse-tail.ts';
import type { Row, Sample } from '../row.ts';
import { count } from '../table.ts';

const alone = 'sse-tail, no stalled client';

export const row: Row = {
  name: 'stalled',
  title: (bench) => `a client that stopped reading beside a healthy one, ${count(linesOf(bench))} lines`,
  measures: { 'lines/s': 'rate', 'peak MB': 'number', 'growth MB': 'number', lost: 'count' },
  checks: [
    { measure: 'lost', atMost: 0 },
    { measure: 'lines/s', to: alone, atLeast: 0.9 },
    { measure: 'peak MB', to: alone, is: 'difference', atMost: 20 },
  ],
  async prepare(bench) {
    const lines = linesOf(bench);
    const bytes = encodeLines(1, lines, nowUs());
    const run = (program: Program, isStalled: boolean) => () => deliverBeside(bench, program, bytes, lines, isStalled);
    return [
      { name: 'sse-tail', measure: run(sseTail, true) },
      { name: alone, measure: run(sseTail, false) },
      { name: 'express', measure: run(express, true) },
    ];
  },
};

async function deliverBeside(
  bench: Bench,
  program: Program,
  bytes: Buffer,
  lines: number,
  isStalled: boolean,
): Promise<Sample> {
  const folder = bench.folder();
  const path = join(folder, 'app.log');
  writeFileSync(path, '');
  const server = await program.follow(path, folder);
  const stalled = isStalled ? startClient({ target: server.target, until: lines, stalls: true }) : undefined;
  try {
    await stalled?.ready();
    const { report, seconds, memoryMB } = await deliver({
      server,
      task: { until: lines },
      begin: () => appendAtOnce(path, bytes),
    });
    return {
      'lines/s': report.lines / seconds,
      'peak MB': memoryMB.peak,
      'growth MB': memoryMB.after - memoryMB.before,
      lost: report.lost,
    };
  } finally {
    await stalled?.close();
    await server.close();
  }
}

function linesOf(bench: Bench): number {
  return bench.size(1_000_000, 100_000);
}
