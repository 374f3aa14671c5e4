import { expect } from 'vitest';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { parseLines } from '../support/event-text.ts';
import { startFlakyProxy } from '../support/flaky-proxy.ts';
import { hasExited } from '../support/hello.ts';
import { crowdOf, watchBySocket } from '../support/line-watchers.ts';

/** Prints lines that no other run prints, until it can't any more. */
function printing(run: number): string {
  return `i=0; while :; do for k in 1 2 3 4 5 6 7 8 9 10; do i=$((i+1)); echo "run ${run} line $i" || exit; done; sleep 0.002; done`;
}

/**
 * An agent that writes a lasting log is killed again and again, in the middle of whatever it does, while clients read.
 * What any of them has seen under an id is what the log has under this id at the end.
 */
export async function killAgain({ kills, clients }: { kills: number; clients: number }): Promise<void> {
  using folder = temporaryFolder();
  let port = 0;
  await using proxy = await startFlakyProxy(() => port);
  const seen = Array.from({ length: clients }, () => new Map<number, string>());
  using crowd = crowdOf(clients, (index) => {
    const onLine = (id: number, text: string) => seen[index]?.set(id, text);
    const address = () => ({ port: proxy.port, path: '/events' });
    return watchBySocket(address, { textOf: () => undefined, onLine, retryMs: 20 });
  });
  const newest = () => Math.min(...crowd.all.map(({ lastId }) => lastId));

  for (let run = 1; run <= kills; run++) {
    await using agent: AgentProcess = startAgent(folder.path, ['-q', '--name', 'lasting', '-c', printing(run)]);
    port = Number(new URL(await agent.url()).port);
    const enough = newest() + 20 + Math.random() * 200;
    await until(`lines of run ${run}`, () => newest() >= enough, 60_000);
    agent.child.kill('SIGKILL');
    await agent.ended();
  }

  await using agent = startAgent(folder.path, ['-q', '--name', 'lasting', '--linger', '5m', '-c', 'echo last']);
  const url = await agent.url();
  port = Number(new URL(url).port);
  await until('the last line', () => hasExited(url));
  const kept = parseLines(await (await fetch(`${url}events?follow=0`)).text());
  expect(kept.map(({ id }) => id)).toEqual(kept.map((_, index) => index + 1));
  expect(kept.at(-1)?.text).toBe('last');
  await until('everybody has everything', () => newest() === kept.length, 60_000);

  expect(crowd.all.flatMap(({ faults }) => faults)).toEqual([]);
  for (const lines of seen) {
    expect(lines.size).toBe(kept.length);
    expect(kept.filter(({ id, text }) => lines.get(id) !== text)).toEqual([]);
  }
}
