import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { cpuSeconds, memoryMB, start, stop } from '../processes.ts';
import { startSseTail } from '../programs/sse-tail.ts';
import type { Row, Sample } from '../row.ts';
import { count } from '../table.ts';

export const row: Row = {
  name: 'idle',
  title: (bench) => `${count(filesOf(bench))} followed files in which nothing happens`,
  measures: { '% of a core': 'number', MB: 'number' },
  checks: [{ measure: '% of a core', atMost: 0.1 }],
  async prepare(bench) {
    return [
      {
        name: 'sse-tail',
        mostRuns: 3,
        async measure() {
          const { folder, paths } = manyFiles(bench);
          const server = await startSseTail(paths, { folder });
          try {
            return await watch(bench, server.pid);
          } finally {
            await server.close();
          }
        },
      },
      {
        name: 'tail -F',
        mostRuns: 3,
        async measure() {
          const child = start('tail', ['-q', '-F', ...manyFiles(bench).paths], { stdio: 'ignore' });
          try {
            return await watch(bench, child.pid as number);
          } finally {
            await stop(child);
          }
        },
      },
    ];
  },
};

function manyFiles(bench: Bench): { folder: string; paths: string[] } {
  const folder = bench.folder();
  const paths = Array.from({ length: filesOf(bench) }, (_, i) => join(folder, `${i}.log`));
  for (const path of paths) writeFileSync(path, 'a line\n');
  return { folder, paths };
}

async function watch(bench: Bench, pid: number): Promise<Sample> {
  // A good while after the start the engine collects what that has left, once.
  await sleep(bench.size(12_000, 2000));
  const seconds = bench.size(10, 2);
  const before = cpuSeconds(pid);
  await sleep(seconds * 1000);
  return { '% of a core': ((cpuSeconds(pid) - before) / seconds) * 100, MB: memoryMB(pid).now };
}

function filesOf(bench: Bench): number {
  return bench.size(1000, 100);
}
