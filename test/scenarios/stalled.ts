import { expect } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { crowdOf, watchBySocket } from '../support/line-watchers.ts';
import { watchMemory } from '../support/memory.ts';
import { createNumberedFile, linesOf, type NumberedFile } from './numbered-file.ts';

export interface Stalled {
  clients: number;
  lines: number;
  /** What the agent may grow by beside the same lines without them. */
  mostGrowthMB: number;
}

const mostResumed = 5;

/**
 * Clients that stop reading while lines pass, beside one that reads: it has them as soon as ever, the agent does not
 * grow, and those that stood still have every line once they read again.
 */
export async function passByStalled({ clients, lines, mostGrowthMB }: Stalled): Promise<void> {
  using folder = temporaryFolder();
  const file = createNumberedFile(folder.file('app.log'), linesOf(100));
  await using agent = startAgent(folder.path, ['-n', 'all', file.path]);
  const port = Number(new URL(await agent.url()).port);
  const watch = () => watchBySocket(() => ({ port, path: '/events' }), { textOf: file.textOf });
  using healthy = watch();
  using memory = watchMemory(agent.child.pid as number);

  const timeFor = async (count: number): Promise<number> => {
    const startedAt = performance.now();
    await growBitByBit(file, file.lines + count, () => healthy.lastId);
    return performance.now() - startedAt;
  };
  // The first time everything is still being compiled.
  await timeFor(lines / 5);
  const aloneMs = await timeFor(lines);
  const alonePeakMB = memory.peakMB;

  using crowd = crowdOf(clients, watch);
  const stuck = crowd.all;
  await until('all are there', () => stuck.every(({ lastId }) => lastId > 0), 60_000);
  for (const client of stuck) client.pause();
  const besideMs = await timeFor(lines);
  const growthMB = memory.peakMB - alonePeakMB;
  expect(growthMB).toBeLessThan(mostGrowthMB);
  // Rates are for the benchmark; here only a hold-up shows, as a busy machine may be slow.
  expect(besideMs).toBeLessThan(10 * aloneMs + 10_000);
  expect(stuck.filter(({ lastId }) => lastId === file.lines)).toEqual([]);

  // Of a crowd some are enough: the test reads what they read.
  const some = stuck.slice(0, mostResumed);
  for (const client of some) client.resume();
  const haveAll = () => some.every(({ lastId }) => lastId === file.lines);
  await until('those that stood still have every line', haveAll, 120_000);
  expect([healthy, ...stuck].flatMap(({ faults }) => faults)).toEqual([]);
}

/** As a program writes: never far ahead of its readers. */
async function growBitByBit(file: NumberedFile, lines: number, reached: () => number): Promise<void> {
  while (file.lines < lines) {
    file.growTo(Math.min(lines, file.lines + 10_000));
    const enough = file.lines - 50_000;
    await until('the reader keeps up', () => reached() >= enough, 60_000);
  }
  await until('the reader has everything', () => reached() === lines, 60_000);
}
