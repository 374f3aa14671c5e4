import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { killAgain } from '../scenarios/kill.ts';
import { restartUnderClients } from '../scenarios/restart.ts';
import { passByStalled } from '../scenarios/stalled.ts';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { open, type Streaming } from '../support/http-client.ts';
import { stop } from '../support/stopped.ts';

it('60 clients, each at another line, come back to a restarted agent at once and miss nothing', async () => {
  await restartUnderClients({ clients: 60, lines: 10_000 });
});

it('50 clients that stop reading while 100,000 lines pass cost little memory and hold up nobody', async () => {
  await passByStalled({ clients: 50, lines: 100_000, mostGrowthMB: 100 });
});

it('what anybody saw before one of 5 kills is there afterwards, under the same id', async () => {
  await killAgain({ kills: 5, clients: 3 });
});

it('past the limit of open files clients are told so, those that are connected go on, and who comes later has a place', async () => {
  using folder = temporaryFolder();
  const file = folder.file('app.log');
  writeFileSync(file, 'line 1\n');
  await using agent = startAgent(folder.path, [file], { limits: 'ulimit -n 64' });
  const url = await agent.url();
  const clients: Streaming[] = [];
  for (let at = 0; at < 60; at++) clients.push(await open(`${url}events`));
  const served = clients.filter(({ status }) => status === 200);
  const refused = clients.filter(({ status }) => status !== 200);
  expect(served.length).toBeGreaterThan(25);
  for (const one of refused) {
    expect([one.status, one.headers['retry-after']]).toEqual([503, '10']);
    expect(await one.whole()).toBe(
      JSON.stringify({ error: `sse-tail has reached its limit of ${served.length} connections.` }),
    );
  }
  appendFileSync(file, 'line 2\n');
  for (const one of served) await one.until('the line', ({ ids }) => ids.at(-1) === 2);
  for (const one of clients) one[Symbol.dispose]();
  await until('a place', async () => {
    using later = await open(`${url}events?follow=0`);
    return later.status === 200 && (await later.whole()).includes('line 2');
  });
});

/** Connections that wait to be accepted, at most, whatever a server asks for. */
const longestQueue = process.platform === 'linux' ? Number(readFileSync('/proc/sys/net/core/somaxconn')) : 0;

it.runIf(longestQueue > 700)('of 700 clients that come while the agent is busy none has to come again', async () => {
  using folder = temporaryFolder();
  await using agent = startAgent(folder.path, ['app.log']);
  const { port } = new URL(await agent.url());
  await stop(agent.child);
  // The system drops what has no room in the queue, and tries again after one second, three, seven …
  const clients = Array.from({ length: 700 }, () => connect(Number(port), '127.0.0.1'));
  let connected = 0;
  for (const client of clients) client.once('connect', () => connected++);
  try {
    await until('all are connected', () => connected === clients.length);
  } finally {
    for (const client of clients) client.destroy();
    agent.child.kill('SIGCONT');
  }
});
