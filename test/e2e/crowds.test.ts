import { it } from 'vitest';
import { killAgain } from '../scenarios/kill.ts';
import { restartUnderClients } from '../scenarios/restart.ts';
import { passByStalled } from '../scenarios/stalled.ts';

it('60 clients, each at another line, come back to a restarted agent at once and miss nothing', async () => {
  await restartUnderClients({ clients: 60, lines: 10_000 });
});

it('50 clients that stop reading while 100,000 lines pass cost little memory and hold up nobody', async () => {
  await passByStalled({ clients: 50, lines: 100_000, mostGrowthMB: 100 });
});

it('what anybody saw before one of 5 kills is there afterwards, under the same id', async () => {
  await killAgain({ kills: 5, clients: 3 });
});
