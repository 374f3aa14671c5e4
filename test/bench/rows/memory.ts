import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { fileOfLines, followAll } from '../kept-log.ts';
import { startClient } from '../load/client.ts';
import { memoryMB } from '../processes.ts';
import type { Row } from '../row.ts';
import { count } from '../table.ts';

export const row: Row = {
  name: 'memory',
  title: (bench) => `resident memory of the agent with a log of ${count(linesOf(bench))} lines kept`,
  measures: {
    'after reading MB': 'number',
    'restarted MB': 'number',
    'after a replay MB': 'number',
    'peak MB': 'number',
  },
  checks: [
    { measure: 'after reading MB', atMost: 100 },
    { measure: 'restarted MB', atMost: 100 },
    { measure: 'after a replay MB', atMost: 100 },
  ],
  async prepare(bench) {
    const lines = linesOf(bench);
    return [
      {
        name: 'sse-tail',
        mostRuns: 1,
        async measure() {
          const file = fileOfLines(bench, lines);
          const reader = await followAll(file, lines);
          await sleep(1000);
          const afterReading = memoryMB(reader.pid);
          await reader.close();

          const restarted = await followAll(file, lines);
          const client = startClient({ target: restarted.target, until: lines });
          try {
            const atStart = memoryMB(restarted.pid);
            const report = await client.done();
            if (report.lost + report.doubled > 0) throw new Error(`${report.lost} lost, ${report.doubled} doubled`);
            await sleep(1000);
            const afterReplay = memoryMB(restarted.pid);
            return {
              'after reading MB': afterReading.now,
              'restarted MB': atStart.now,
              'after a replay MB': afterReplay.now,
              'peak MB': Math.max(afterReading.peak, afterReplay.peak),
            };
          } finally {
            await client.close();
            await restarted.close();
          }
        },
      },
    ];
  },
};

function linesOf(bench: Bench): number {
  return bench.size(10_000_000, 500_000);
}
