import { setTimeout as sleep } from 'node:timers/promises';
import { startNatsServer } from '../../support/nats-server.ts';
import type { Bench } from '../bench.ts';
import { logIdIn } from '../kept-log.ts';
import type { Server } from '../programs/program.ts';
import { sseTail, startSseTail } from '../programs/sse-tail.ts';
import type { Row } from '../row.ts';
import { measureLatency } from './latency.ts';

export const row: Row = {
  name: 'store-latency',
  title: () => 'from write to client at 1,000 lines/s: from the agent, and through NATS JetStream and a gateway',
  measures: { 'p50 ms': 'number', 'p99 ms': 'number', 'CPU s': 'number', lost: 'count' },
  checks: [
    { measure: 'lost', entrant: 'sse-tail, gateway', atMost: 0 },
    { measure: 'p50 ms', entrant: 'sse-tail, gateway', atMost: 5 },
    { measure: 'p99 ms', entrant: 'sse-tail, gateway', to: 'sse-tail', atMost: 4 },
  ],
  async prepare(bench) {
    const server = await startNatsServer();
    bench.atEnd(() => server.stop());
    let runs = 0;
    const follow = (path: string, folder: string) =>
      followThrough(bench, `${server.url}?name=run-${++runs}`, { path, folder });
    return [
      { name: 'sse-tail', measure: () => measureLatency(bench, sseTail) },
      { name: 'sse-tail, gateway', measure: () => measureLatency(bench, { follow }) },
    ];
  },
};

/** An agent that publishes, and the gateway as the server that is measured. */
async function followThrough(bench: Bench, store: string, file: { path: string; folder: string }): Promise<Server> {
  const agent = await startSseTail(['-n', 'all', '--store', store, file.path], { folder: file.folder });
  const gateway = await startSseTail(['serve', '--store', store], { folder: bench.folder() });
  const path = `/logs/${logIdIn(file.folder)}/events`;
  const url = `http://127.0.0.1:${gateway.target.port}`;
  while ((await fetch(`${url}${path}?follow=0`)).status !== 200) await sleep(20);
  return {
    ...gateway,
    target: { ...gateway.target, path },
    async close() {
      await gateway.close();
      await agent.close();
    },
  };
}
