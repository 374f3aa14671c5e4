import { it } from 'vitest';
import { killAgain } from '../scenarios/kill.ts';
import { restartUnderClients } from '../scenarios/restart.ts';
import { passByStalled } from '../scenarios/stalled.ts';

it('200 clients, each at another line, come back to a restarted agent at once and miss nothing', async () => {
  await restartUnderClients({ clients: 200, lines: 10_000 });
});

it('200 clients that stop reading while 100,000 lines pass cost little memory and hold up nobody', async () => {
  await passByStalled({ clients: 200, lines: 100_000, mostGrowthMB: 200 });
});

it('what anybody saw before one of 12 kills is there afterwards, under the same id', async () => {
  await killAgain({ kills: 12, clients: 3 });
});
