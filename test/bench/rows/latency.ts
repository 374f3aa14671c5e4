import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { deliver } from '../delivery.ts';
import { startWriter } from '../load/writer.ts';
import type { Program } from '../programs/program.ts';
import type { Row, Sample } from '../row.ts';

const perSecond = 1000;

export const row: Row = {
  name: 'latency',
  title: () => 'from write to client at 1,000 lines/s, one client, from the first line on',
  measures: { 'p50 ms': 'number', 'p99 ms': 'number', 'CPU s': 'number', lost: 'count' },
  checks: [
    { measure: 'lost', atMost: 0 },
    { measure: 'p50 ms', to: 'floor', atMost: 1.5 },
    { measure: 'p99 ms', to: 'websocketd', atMost: 1.3 },
  ],
  async prepare(bench) {
    return bench.programs(['sse-tail', 'floor', 'websocketd', 'express', 'frontail', 'nginx'], (program) =>
      measureLatency(bench, program),
    );
  },
};

/** A file grows by 1,000 lines a second while one client follows it. */
export async function measureLatency(bench: Bench, program: Pick<Program, 'follow' | 'isLossy'>): Promise<Sample> {
  const lines = perSecond * bench.size(8, 4);
  const folder = bench.folder();
  const path = join(folder, 'app.log');
  writeFileSync(path, '');
  const writer = await startWriter({ path, first: 1, lines, perSecond });
  const server = await program.follow(path, folder);
  try {
    const { report, cpuSeconds } = await deliver({
      server,
      task: {
        until: lines,
        latenciesFrom: 1,
        ...(program.isLossy && { givesUpMs: 3000 }),
      },
      begin: () => writer.run(),
      deadlineMs: 30_000,
    });
    return {
      'p50 ms': report.p50,
      'p99 ms': report.p99,
      'CPU s': cpuSeconds,
      lost: report.lost + report.doubled,
    };
  } finally {
    await writer.close();
    await server.close();
  }
}
