import { setMaxListeners } from 'node:events';
import { expect } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import type { TestBrowser } from '../support/browser.ts';
import { until } from '../support/deadline.ts';
import { grown, type Held } from '../support/held.ts';
import { createRandom } from '../support/random.ts';
import { type BusyLog, followRotated, wrapProgress } from './busy-logs.ts';
import { holdPage } from './page-visits.ts';
import { createVisitors, repeat } from './visitors.ts';

export interface BusyHours {
  minutes: number;
  seed: number;
  browser: TestBrowser;
  /** Is told how much everybody holds, after each tenth. */
  say(sentence: string): void;
}

/** Before that a program is still being compiled, and grows with it. */
const warmUpMs = 90_000;

/**
 * What may be more at the end than after the first tenth: files are rotated and segments begun at any time, code is
 * compiled for a while, and each segment has a file of what was found out about it. Resident memory goes up and down by
 * as much from one tenth to the next; what is held for good shows in heaps and buffers, of which garbage is no part.
 */
const allowed = {
  'resident MB': 30,
  'heap MB': 2,
  'code MB': 3,
  'buffer MB': 3,
  'heap MB of other threads': 2,
  'code MB of other threads': 3,
  'buffer MB of other threads': 3,
  file: 3,
  'files of the logs': 16,
  'waits for Timeout': 5,
  'waits for FSReqPromise': 2,
  'page heap MB': 3,
  listeners: 20,
  nodes: 500,
};

/**
 * Hours of a log in which much happens, each in a fraction of an hour: it is rotated all the time, another one is
 * full of progress bars, clients of all kinds and pages come and go, connections are cut. A client that comes back
 * each time sees every line once; and nobody holds more at the end than after the first tenth.
 */
export async function liveBusyHours({ minutes, seed, browser, say }: BusyHours): Promise<void> {
  using folder = temporaryFolder();
  const random = createRandom(seed);
  await using followed = await followRotated(folder, random);
  await using wrapped = await wrapProgress(folder, random);
  const logs: readonly BusyLog[] = [followed, wrapped];
  // So many lines that the oldest are dropped.
  for (const log of logs) await log.fill();
  await using page = await holdPage(browser, followed.visited.url);
  const holders: readonly Holder[] = [...logs, page];
  const visitors = createVisitors(logs, browser, random);

  /** Everybody does something for so long, and leaves. */
  async function work(tenth: number): Promise<Held[]> {
    const over = AbortSignal.timeout(Math.max((minutes * 60_000) / 10, tenth === 1 ? warmUpMs : 0));
    setMaxListeners(0, over);
    await Promise.all([
      ...logs.map((log) => log.work(over)),
      visitors.comeAndGo(over),
      repeat(over, 30_000, () => runJob(folder.path)),
    ]);
    for (const log of logs) await log.settled();
    const held = await Promise.all(holders.map((holder) => holder.held()));
    for (const [at, { name }] of holders.entries()) say(`tenth ${tenth}, ${name}: ${listed(held[at] as Held)}`);
    return held;
  }

  await visitors.comeOnce();
  const first = await work(1);
  for (let tenth = 2; tenth <= 10 && visitors.faults.length === 0; tenth++) await work(tenth);

  expect(visitors.faults).toEqual([]);
  expect(browser.complaints).toEqual([]);
  for (const log of logs) expect(log.wrongLines(), log.name).toBeUndefined();
  for (const [at, holder] of holders.entries()) await expectNoMore(holder, first[at] as Held);
}

type Holder = Pick<BusyLog, 'name' | 'held'>;

/** A connection that is kept for a next request, or a rotated file, is let go after a while. */
async function expectNoMore(holder: Holder, first: Held): Promise<void> {
  let more: string[] = [];
  const isNoMore = async () => {
    more = grown(first, await holder.held(), allowed);
    return more.length === 0;
  };
  await until('no more than after the first tenth', isNoMore, 60_000).catch(() => undefined);
  expect(more, holder.name).toEqual([]);
}

/** A run that others may look up later. */
async function runJob(dir: string): Promise<void> {
  await using job = startAgent(dir, ['-q', '--name', 'job', '--linger', '0s', '--', 'seq', '50']);
  // How long it takes is not what this is about, and the machine may be busy.
  const { code } = await job.ended(120_000);
  if (code !== 0) throw new Error(`a run has ended with ${code}: ${job.stderr}`);
}

function listed(amounts: Held): string {
  return Object.entries(amounts)
    .map(([name, amount]) => `${name} ${Math.round(10 * amount) / 10}`)
    .join(', ');
}
