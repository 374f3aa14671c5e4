import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFileLimit } from '../../../agent/system/inherited.ts';
import type { Bench } from '../bench.ts';
import { deliver } from '../delivery.ts';
import { startWriter } from '../load/writer.ts';
import { memoryMB } from '../processes.ts';
import { sseTail } from '../programs/sse-tail.ts';
import type { Row, Sample } from '../row.ts';
import { count } from '../table.ts';

const perSecond = 20;

export const row: Row = {
  name: 'crowd',
  title: (bench) => `${count(clientsOf(bench))} clients of one agent at ${perSecond} lines/s`,
  measures: { 'p50 ms': 'number', 'p99 ms': 'number', 'CPU s': 'number', 'KB a client': 'number', lost: 'count' },
  checks: [
    { measure: 'lost', atMost: 0 },
    { measure: 'p99 ms', atMost: 250 },
    // What the agent takes anyway is divided by the clients.
    { measure: 'KB a client', atMost: 60, isForFullLoad: true },
  ],
  async prepare(bench) {
    const needed = clientsOf(bench) + 500;
    if (openFileLimit() < needed) throw new Error(`the row crowd needs more open files: ulimit -n ${needed}`);
    return [{ name: 'sse-tail', measure: () => serveCrowd(bench) }];
  },
};

async function serveCrowd(bench: Bench): Promise<Sample> {
  const folder = bench.folder();
  const path = join(folder, 'app.log');
  writeFileSync(path, '');
  const lines = perSecond * bench.size(15, 2);
  const writer = await startWriter({ path, first: 1, lines, perSecond });
  const server = await sseTail.follow(path, folder);
  try {
    // What it loads for its first request is not the clients'.
    await fetch(`http://127.0.0.1:${server.target.port}/status`);
    const alone = memoryMB(server.pid).now;
    const {
      report,
      cpuSeconds,
      memoryMB: memory,
    } = await deliver({
      server,
      // Thousands of readers that are woken by each line would take more of the machine than the server.
      task: { until: lines, connections: clientsOf(bench), eagerShare: 0.02, latenciesFrom: 1 },
      begin: () => writer.run(),
      deadlineMs: 45_000,
    });
    return {
      'p50 ms': report.p50,
      'p99 ms': report.p99,
      'CPU s': cpuSeconds,
      'KB a client': ((memory.peak - alone) * 1000) / clientsOf(bench),
      lost: report.lost + report.doubled,
    };
  } finally {
    await writer.close();
    await server.close();
  }
}

function clientsOf(bench: Bench): number {
  return bench.size(5000, 200);
}
