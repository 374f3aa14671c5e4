import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { it } from 'vitest';
import { killAgain } from '../scenarios/kill.ts';
import { restartUnderClients } from '../scenarios/restart.ts';
import { passByStalled } from '../scenarios/stalled.ts';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
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
