import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { deliver } from '../delivery.ts';
import { encodeLines, nowUs } from '../lines.ts';
import type { Row } from '../row.ts';
import { count } from '../table.ts';

export const row: Row = {
  name: 'command',
  title: (bench) => `a command that prints ${count(linesOf(bench))} lines of 100 bytes at once and ends, one client`,
  measures: { 'lines/s': 'rate', 'CPU s': 'number', 'peak MB': 'number', lost: 'count', doubled: 'count' },
  checks: [
    { measure: 'lost', atMost: 0 },
    { measure: 'doubled', atMost: 0 },
    { measure: 'lines/s', to: 'floor', atLeast: 0.55 },
    { measure: 'lines/s', to: 'express', atLeast: 4 },
    { measure: 'lines/s', to: 'frontail', atLeast: 15 },
  ],
  async prepare(bench) {
    const lines = linesOf(bench);
    const path = join(bench.folder(), 'output.txt');
    writeFileSync(path, encodeLines(1, lines, nowUs()));
    return bench.programs(['sse-tail', 'floor', 'express', 'websocketd', 'frontail'], async (program) => {
      const folder = bench.folder();
      const starter = join(folder, 'starter');
      execFileSync('mkfifo', [starter]);
      // The command waits until the client is there, then prints as fast as its pipe takes it.
      const server = await program.run(['sh', '-c', 'read -r _ < "$0"; exec cat "$1"', starter, path], folder);
      try {
        const { report, seconds, cpuSeconds, memoryMB } = await deliver({
          server,
          task: { until: lines },
          begin: () => writeFile(starter, 'go\n'),
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
