import { setTimeout as sleep } from 'node:timers/promises';
import { startBalancer } from '../../support/balancer.ts';
import { startNatsServer } from '../../support/nats-server.ts';
import type { Bench } from '../bench.ts';
import { logIdIn } from '../kept-log.ts';
import type { Server } from '../programs/program.ts';
import { startSseTail } from '../programs/sse-tail.ts';
import type { Row } from '../row.ts';
import { count } from '../table.ts';
import { cutCount, linesOf, measureCuts } from './resume.ts';

const entrant = 'sse-tail, two gateways';

export const row: Row = {
  name: 'store-resume',
  title: (bench) =>
    `${cutCount} connections cut in ${count(linesOf(bench))} lines: a balancer has each go on at the other of two gateways`,
  measures: { seconds: 'number', reconnections: 'count', lost: 'count', doubled: 'count' },
  checks: [
    { measure: 'lost', entrant, atMost: 0 },
    { measure: 'doubled', entrant, atMost: 0 },
  ],
  async prepare(bench) {
    const nats = await startNatsServer();
    bench.atEnd(() => nats.stop());
    let runs = 0;
    const follow = (path: string, folder: string) =>
      followAtGateways(bench, `${nats.url}?name=run-${++runs}`, { path, folder });
    return [{ name: entrant, measure: () => measureCuts(bench, follow) }];
  },
};

/** An agent that publishes, and two gateways behind a balancer, which is what the client connects to. */
async function followAtGateways(bench: Bench, store: string, file: { path: string; folder: string }): Promise<Server> {
  const balancer = await startBalancer();
  const startGateway = () => startSseTail(['serve', '--store', store], { folder: bench.folder() });
  const agent = await startSseTail(['-n', 'all', '--store', store, file.path], { folder: file.folder });
  const gateways = [await startGateway(), await startGateway()] as const;
  const path = `/logs/${logIdIn(file.folder)}/events`;
  for (const { target } of gateways) {
    while ((await fetch(`http://127.0.0.1:${target.port}${path}?follow=0`)).status !== 200) await sleep(20);
  }
  balancer.targets = gateways.map(({ target }) => target.port);
  return {
    ...gateways[0],
    target: { ...gateways[0].target, path, port: balancer.port },
    async close() {
      await balancer[Symbol.asyncDispose]();
      for (const server of [...gateways, agent]) await server.close();
    },
  };
}
