import { expect } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { helloFrom } from '../support/hello.ts';
import { crowdOf, watchBySocket } from '../support/line-watchers.ts';
import { createNumberedFile, linesOf } from './numbered-file.ts';

/** As much as a client reads before the agent is killed. */
const linesBefore = 50;

/**
 * So many clients, each at another line, lose their agent, which is killed, and come back to the next one all at once.
 */
export async function restartUnderClients({ clients, lines }: { clients: number; lines: number }): Promise<void> {
  using folder = temporaryFolder();
  const file = createNumberedFile(folder.file('app.log'), linesOf(40));
  file.growTo(lines);
  const args = ['-n', 'all', file.path];
  await using first = startAgent(folder.path, args);
  const url = await first.url();
  const { port } = new URL(url);
  await until('the lines are in the log', async () => (await helloFrom(url)).last === lines);
  const address = () => ({ port: Number(port), path: '/events' });
  const reached = (index: number) => linesBefore + Math.floor((index * (lines - linesBefore)) / clients);
  using crowd = crowdOf(clients, (index) => {
    const firstTo = reached(index);
    return watchBySocket(address, { textOf: file.textOf, lastId: firstTo - linesBefore, firstTo });
  });
  const { all } = crowd;
  const areThere = () => all.every(({ lastId }, index) => lastId === reached(index));
  await until('every client is at its line', areThere, 60_000);
  expect(new Set(all.map(({ lastId }) => lastId)).size).toBe(clients);
  const haveAll = () => all.every(({ lastId }) => lastId === file.lines);

  file.growTo(lines + 500);
  first.child.kill('SIGKILL');
  await first.ended();
  file.growTo(lines + 1000);
  await using second = startAgent(folder.path, ['-p', port, ...args]);
  await second.url();
  await until('every client has the lines written meanwhile', haveAll, 60_000);
  file.growTo(lines + 1500);
  await until('every client has the newest lines', haveAll, 60_000);

  expect(all.flatMap(({ faults }) => faults)).toEqual([]);
  // Each agent jitters `retry` for itself, so that they don't come back in the same instant.
  const retries = all.map(({ retryMs }) => retryMs);
  expect(Math.min(...retries)).toBeLessThan(1800);
  expect(Math.max(...retries)).toBeGreaterThan(2200);
}
