import { expect } from 'vitest';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { parseLines } from '../support/event-text.ts';
import { hasExited } from '../support/hello.ts';
import { watchBySocket } from '../support/line-watchers.ts';
import type { FailingDisk } from '../support/power.ts';

/** What was on the disk when the power came back for the last time, and what a client had been given under each id. */
export interface AfterPowerLosses {
  kept: { id: number; text: string }[];
  seen: Map<number, string>;
  /** How many lines the client had when the power failed for the last time. */
  lastSeen: number;
  /** What the agent says to the client when it comes back: the whole answer. */
  answer: string;
  faults: readonly string[];
}

/** An agent writes a lasting log on a disk whose power fails again and again, while a client reads. Ends the disk. */
export async function losePower(disk: FailingDisk, losses: number, args: string[]): Promise<AfterPowerLosses> {
  using folder = temporaryFolder();
  const seen = new Map<number, string>();
  let port = 0;
  using client = watchBySocket(() => ({ port, path: '/events' }), {
    textOf: () => undefined,
    onLine: (id, text) => seen.set(id, text),
    retryMs: 20,
  });
  const start = async (command: string): Promise<AgentProcess> => {
    const agent = startAgent(folder.path, [
      ...['-q', '--name', 'lasting', '--linger', '5m', '--dir', `${disk.path}/logs`],
      ...args,
      ...['-c', command],
    ]);
    port = Number(new URL(await agent.url()).port);
    return agent;
  };

  try {
    for (let loss = 1; loss <= losses; loss++) {
      await using agent = await start(
        `i=0; while i=$((i+1)); do echo "run ${loss} line $i" || exit; [ $((i % 20)) != 0 ] || sleep 0.002; done`,
      );
      const enough = client.lastId + 50 + Math.random() * 500;
      await until(`lines before power loss ${loss}`, () => client.lastId >= enough, 60_000);
      // In the middle of whatever it does; what it has sent is still on its way.
      agent.child.kill('SIGSTOP');
      const before = disk;
      disk = disk.afterPowerLoss();
      agent.child.kill('SIGKILL');
      await agent.ended();
      before[Symbol.dispose]();
    }
    const lastSeen = client.lastId;
    await using agent = await start('echo last');
    const url = await agent.url();
    await until('the last line', () => hasExited(url));
    const kept = parseLines(await (await fetch(`${url}events?follow=0`)).text());
    const headers = { 'Last-Event-ID': String(lastSeen) };
    const answer = await (await fetch(`${url}events?follow=0`, { headers })).text();
    await until('the client is there again', () => client.lastId === kept.at(-1)?.id);
    expect(kept.at(-1)?.text).toBe('last');
    return { kept, seen, lastSeen, answer, faults: client.faults };
  } finally {
    disk[Symbol.dispose]();
  }
}

/** With `--fsync` no client has seen a line that is not there after all of them, under the same id. */
export function expectNothingTakenBack({ kept, seen, faults }: AfterPowerLosses): void {
  expect(faults).toEqual([]);
  expect(kept.map(({ id }) => id)).toEqual(kept.map((_, index) => index + 1));
  expect(kept.filter(({ id, text }) => seen.get(id) !== text)).toEqual([]);
  expect(seen.size).toBe(kept.length);
}
