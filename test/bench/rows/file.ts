import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { deliver } from '../delivery.ts';
import { encodeLines, nowUs } from '../lines.ts';
import { appendAtOnce } from '../load/writer.ts';
import type { Row } from '../row.ts';
import { count } from '../table.ts';

export const row: Row = {
  name: 'file',
  title: (bench) =>
    `a followed file to which ${count(linesOf(bench))} lines of 100 bytes are appended at once, one client`,
  measures: { 'lines/s': 'rate', 'CPU s': 'number', 'peak MB': 'number', lost: 'count', doubled: 'count' },
  checks: [
    { measure: 'lost', atMost: 0 },
    { measure: 'doubled', atMost: 0 },
    { measure: 'lines/s', to: 'floor', atLeast: 0.35 },
    { measure: 'lines/s', to: 'express', atLeast: 5 },
    { measure: 'lines/s', to: 'websocketd', atLeast: 20 },
    { measure: 'lines/s', to: 'frontail', atLeast: 20 },
    { measure: 'CPU s', to: 'frontail', atMost: 1 / 20 },
  ],
  async prepare(bench) {
    const lines = linesOf(bench);
    const bytes = encodeLines(1, lines, nowUs());
    return bench.programs(['sse-tail', 'floor', 'express', 'websocketd', 'frontail', 'nginx'], async (program) => {
      const folder = bench.folder();
      const path = join(folder, 'app.log');
      writeFileSync(path, '');
      const server = await program.follow(path, folder);
      try {
        const { report, seconds, cpuSeconds, memoryMB } = await deliver({
          server,
          task: { until: lines, ...(program.isLossy && { givesUpMs: 3000 }) },
          begin: () => appendAtOnce(path, bytes),
        });
        return {
          'lines/s': report.lines / seconds,
          'CPU s': cpuSeconds,
          'peak MB': memoryMB.peak,
          lost: report.lost,
          doubled: report.doubled,
        };
      } finally {
        await server.close();
      }
    });
  },
};

function linesOf(bench: Bench): number {
  return bench.size(1_000_000, 100_000);
}
