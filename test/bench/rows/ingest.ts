import { execFileSync } from 'node:child_process';
import { linkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { settlingMs } from '../delivery.ts';
import { journalReaches } from '../journal-watch.ts';
import { encodeLines, nowUs } from '../lines.ts';
import { cpuSeconds, memoryMB } from '../processes.ts';
import { countLines } from '../programs/floor.ts';
import { startSseTail, stateDir } from '../programs/sse-tail.ts';
import type { Row } from '../row.ts';
import { count } from '../table.ts';

export const row: Row = {
  name: 'ingest',
  title: (bench) =>
    `a file of ${count(linesOf(bench))} lines of 100 bytes appears: until all of it is in the journal, no client`,
  measures: { 'lines/s': 'rate', 'CPU s': 'number', 'peak MB': 'number' },
  checks: [{ measure: 'lines/s', to: 'cat | wc -l', atLeast: 0.5 }],
  async prepare(bench) {
    const lines = linesOf(bench);
    const content = join(bench.folder(), 'content.txt');
    writeFileSync(content, encodeLines(1, lines, nowUs()));
    return [
      { name: 'sse-tail', measure: () => ingest(bench, content, lines) },
      {
        name: 'cat | wc -l',
        async measure() {
          const startedUs = nowUs();
          execFileSync('sh', ['-c', 'cat "$0" | wc -l', content]);
          return { 'lines/s': lines / ((nowUs() - startedUs) / 1e6) };
        },
      },
      {
        name: 'floor',
        async measure() {
          const [found, ms] = execFileSync(process.execPath, [countLines, content], { encoding: 'latin1' }).split(' ');
          if (Number(found) !== lines) throw new Error(`counted ${found} lines`);
          return { 'lines/s': lines / (Number(ms) / 1000) };
        },
      },
    ];
  },
};

/** Lets sse-tail read a file that appears with all its lines. */
export async function ingest(bench: Bench, content: string, lines: number, more: Partial<Circumstances> = {}) {
  const { options = [], env = {}, ready, delivered } = more;
  const folder = bench.folder();
  const path = join(folder, 'app.log');
  const server = await startSseTail(['-n', 'all', ...options, path], { folder, env });
  try {
    await sleep(settlingMs);
    await ready?.();
    const cpuBefore = cpuSeconds(server.pid);
    const startedUs = nowUs();
    // A link: all lines are there at once, and writing them is not part of what is measured.
    linkSync(content, path);
    await journalReaches(stateDir(folder), lines);
    await delivered?.();
    const seconds = (nowUs() - startedUs) / 1e6;
    return {
      'lines/s': lines / seconds,
      'CPU s': cpuSeconds(server.pid) - cpuBefore,
      'peak MB': memoryMB(server.pid).peak,
    };
  } finally {
    await server.close();
  }
}

interface Circumstances {
  options: string[];
  env: NodeJS.ProcessEnv;
  /** Until it has done what it does before the first line. */
  ready: () => Promise<void>;
  /** Until all of it is elsewhere, too. */
  delivered: () => Promise<void>;
}

function linesOf(bench: Bench): number {
  return bench.size(1_000_000, 200_000);
}
