import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../support/free-port.ts';
import type { Bench } from '../bench.ts';
import { deliver } from '../delivery.ts';
import { nowUs } from '../lines.ts';
import { startClient } from '../load/client.ts';
import { startWriter } from '../load/writer.ts';
import type { Server } from '../programs/program.ts';
import { startSseTail } from '../programs/sse-tail.ts';
import type { Row, Sample } from '../row.ts';
import { count } from '../table.ts';

const restarted = 'sse-tail, killed and restarted';
export const cutCount = 20;
const restartCount = 5;

export const row: Row = {
  name: 'resume',
  title: (bench) =>
    `${cutCount} connections cut in ${count(linesOf(bench))} lines; and the agent killed (-9) ${restartCount} times`,
  measures: { seconds: 'number', reconnections: 'count', lost: 'count', doubled: 'count' },
  checks: [
    { measure: 'lost', atMost: 0 },
    { measure: 'doubled', atMost: 0 },
    { measure: 'lost', entrant: restarted, atMost: 0 },
    { measure: 'doubled', entrant: restarted, atMost: 0 },
  ],
  async prepare(bench) {
    const lines = linesOf(bench);
    const cutOnes = await bench.programs(['sse-tail', 'nginx'], (program) => measureCuts(bench, program.follow));
    return [...cutOnes, { name: restarted, measure: () => restart(bench, lines) }];
  },
};

/** A client whose connection is cut now and then while a file grows. */
export async function measureCuts(
  bench: Bench,
  follow: (path: string, folder: string) => Promise<Server>,
): Promise<Sample> {
  const lines = linesOf(bench);
  const { folder, path } = emptyFile(bench);
  const writer = await startWriter({ path, first: 1, lines, perSecond: lines / bench.size(5, 2) });
  const server = await follow(path, folder);
  try {
    const { report, seconds } = await deliver({
      server,
      task: { until: lines, cuts: randomNumbers(cutCount, lines), givesUpMs: 5000 },
      begin: () => writer.run(),
      deadlineMs: 60_000,
    });
    return {
      seconds,
      reconnections: report.reconnections,
      lost: report.lost,
      doubled: report.doubled,
    };
  } finally {
    await writer.close();
    await server.close();
  }
}

/** The agent is killed in the middle of following, started again, and the client comes back to it. */
async function restart(bench: Bench, lines: number): Promise<Sample> {
  const { folder, path } = emptyFile(bench);
  const port = await freePort();
  const agent = () => startSseTail(['-n', 'all', path], { folder, port });
  const writer = await startWriter({ path, first: 1, lines, perSecond: lines / bench.size(5, 2) });
  let server = await agent();
  const client = startClient({ target: server.target, until: lines, resumes: true });
  try {
    await client.ready();
    const startedUs = nowUs();
    const writing = writer.run();
    for (let i = 0; i < restartCount; i++) {
      await sleep((0.5 + Math.random()) * bench.size(700, 250));
      await server.kill();
      server = await agent();
    }
    await writing;
    const report = await client.done();
    return {
      seconds: (report.doneUs - startedUs) / 1e6,
      reconnections: report.reconnections,
      lost: report.lost,
      doubled: report.doubled + report.wrongIds,
    };
  } finally {
    await client.close();
    await writer.close();
    await server.close();
  }
}

function emptyFile(bench: Bench): { folder: string; path: string } {
  const folder = bench.folder();
  const path = join(folder, 'app.log');
  writeFileSync(path, '');
  return { folder, path };
}

function randomNumbers(many: number, most: number): number[] {
  return Array.from({ length: many }, () => 1 + Math.floor(Math.random() * (most - 1))).sort((a, b) => a - b);
}

export function linesOf(bench: Bench): number {
  return bench.size(100_000, 20_000);
}
