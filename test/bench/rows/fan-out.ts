import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { deliver } from '../delivery.ts';
import { startWriter } from '../load/writer.ts';
import { express } from '../programs/express.ts';
import type { Program } from '../programs/program.ts';
import { sseTail } from '../programs/sse-tail.ts';
import type { Row, Sample } from '../row.ts';
import { count } from '../table.ts';

const tenfold = 'sse-tail, ten times the lines';
const perSecond = 200;

export const row: Row = {
  name: 'fan-out',
  title: (bench) => `${count(clientsOf(bench))} clients at ${perSecond} lines/s`,
  measures: { 'p50 ms': 'number', 'p99 ms': 'number', 'CPU s': 'number', 'peak MB': 'number', lost: 'count' },
  checks: [
    { measure: 'lost', atMost: 0 },
    { measure: 'lost', entrant: tenfold, atMost: 0 },
    { measure: 'p99 ms', to: 'express', atMost: 0.3, isForFullLoad: true },
    { measure: 'CPU s', to: 'express', atMost: 0.6 },
    { measure: 'peak MB', to: 'express', atMost: 0.6 },
    { measure: 'CPU s', entrant: tenfold, to: 'sse-tail', atMost: 1.2 },
  ],
  async prepare(bench) {
    return [
      { name: 'sse-tail', measure: () => fanOut(bench, sseTail, perSecond) },
      { name: 'express', measure: () => fanOut(bench, express, perSecond) },
      { name: tenfold, measure: () => fanOut(bench, sseTail, 10 * perSecond) },
    ];
  },
};

async function fanOut(bench: Bench, program: Program, linesPerSecond: number): Promise<Sample> {
  const folder = bench.folder();
  const path = join(folder, 'app.log');
  writeFileSync(path, '');
  const lines = linesPerSecond * bench.size(8, 2);
  const writer = await startWriter({ path, first: 1, lines, perSecond: linesPerSecond });
  const server = await program.follow(path, folder);
  try {
    const { report, cpuSeconds, memoryMB } = await deliver({
      server,
      // A thousand readers that are woken by each line would take as much of the machine as the server.
      task: { until: lines, connections: clientsOf(bench), eagerShare: 0.1, latenciesFrom: 1 },
      begin: () => writer.run(),
      deadlineMs: 30_000,
    });
    return {
      'p50 ms': report.p50,
      'p99 ms': report.p99,
      'CPU s': cpuSeconds,
      'peak MB': memoryMB.peak,
      lost: report.lost + report.doubled,
    };
  } finally {
    await writer.close();
    await server.close();
  }
}

function clientsOf(bench: Bench): number {
  return bench.size(1000, 200);
}
