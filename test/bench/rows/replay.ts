import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { answerAsFile, fileOfLines, followAll, logIdIn } from '../kept-log.ts';
import { startClient } from '../load/client.ts';
import { cpuSeconds } from '../processes.ts';
import type { Server } from '../programs/program.ts';
import { startSseTail } from '../programs/sse-tail.ts';
import type { Row, Sample } from '../row.ts';
import { count } from '../table.ts';

export const row: Row = {
  name: 'replay',
  title: (bench) => `a kept log of ${count(linesOf(bench))} lines to one client that only counts bytes`,
  measures: { 'MB/s': 'number', 'first byte ms': 'number', 'CPU s': 'number' },
  checks: [
    { measure: 'MB/s', to: 'nginx', atLeast: 0.8 },
    { measure: 'MB/s', to: 'createReadStream', atLeast: 1 },
  ],
  async prepare(bench) {
    const lines = linesOf(bench);
    const file = fileOfLines(bench, lines);
    await (await followAll(file, lines)).close();
    const path = `/logs/${logIdIn(file.folder)}/events?follow=0`;
    const agent = await startSseTail(['-q', '--linger', 'forever', '--', 'true'], { folder: file.folder });
    bench.atEnd(() => agent.close());

    const folder = bench.folder();
    const bytes = join(folder, 'answer.sse');
    await answerAsFile(agent, path, bytes);
    const { size } = statSync(bytes);
    const others = await bench.programs(['nginx', 'createReadStream', 'floor'], async (program) => {
      const server = await program.serve(bytes, folder);
      try {
        return await countBytes(server, server.target.path, size);
      } finally {
        await server.close();
      }
    });
    return [{ name: 'sse-tail', measure: () => countBytes(agent, path, size) }, ...others];
  },
};

export async function countBytes(server: Server, path: string, size: number): Promise<Sample> {
  const cpuBefore = cpuSeconds(server.pid);
  const client = startClient({ target: { ...server.target, protocol: 'bytes', path }, until: size });
  try {
    const report = await client.done();
    return {
      'MB/s': size / (report.doneUs - report.connectedUs),
      'first byte ms': (report.firstUs - report.connectedUs) / 1000,
      'CPU s': cpuSeconds(server.pid) - cpuBefore,
    };
  } finally {
    await client.close();
  }
}

function linesOf(bench: Bench): number {
  return bench.size(1_000_000, 200_000);
}
