import { it } from 'vitest';
import { askNonsense, keepHalfOpen } from '../scenarios/flood.ts';
import { killAgain } from '../scenarios/kill.ts';
import { createNumberedFile } from '../scenarios/numbered-file.ts';
import { expectNothingTakenBack, losePower } from '../scenarios/power-loss.ts';
import { restartUnderClients } from '../scenarios/restart.ts';
import { passByStalled } from '../scenarios/stalled.ts';
import { sitOutStorm, stormText } from '../scenarios/storm.ts';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { startBrowser } from '../support/browser.ts';
import { mountFailingDisk } from '../support/power.ts';

const minute = 60_000;

it('1,000,000 lines through a network that cuts 400 times: every client sees every line once, in order', async () => {
  using folder = temporaryFolder();
  const file = createNumberedFile(folder.file('app.log'), stormText);
  await using agent = startAgent(folder.path, ['-n', 'all', file.path]);
  await using browser = await startBrowser();
  await sitOutStorm({
    port: Number(new URL(await agent.url()).port),
    lines: 1_000_000,
    cuts: 400,
    write: async (lines) => file.growTo(lines),
    browser,
    deadlineMs: 10 * minute,
  });
});

it('what anybody saw before one of 300 kills is there afterwards, under the same id', async () => {
  await killAgain({ kills: 300, clients: 5 });
});

it('with --fsync 50 power losses take back no line that a client has seen', async (context) => {
  const disk = mountFailingDisk();
  if (disk === undefined) return context.skip('needs the right to mount');
  expectNothingTakenBack(await losePower(disk, 50, ['--fsync']));
});

it('1,000 clients, each at another line, come back to a restarted agent at once and miss nothing', async () => {
  await restartUnderClients({ clients: 1000, lines: 20_000 });
});

it('a client that stops reading while 1,000,000 lines pass costs no memory and holds up nobody', async () => {
  await passByStalled({ clients: 1, lines: 1_000_000, mostGrowthMB: 30 });
});

it('1,000 clients that stop reading cost 64 KB each', async () => {
  await passByStalled({ clients: 1000, lines: 300_000, mostGrowthMB: 200 });
});

it('8,000 connections without a whole request cost 15 KB each, hold up nobody, and are cut', async () => {
  await keepHalfOpen({ connections: 8000, untilCut: true, mostGrowthMB: 120 });
});

it('100,000 requests that make no sense end nothing and leave nothing behind', async () => {
  await askNonsense({ requests: 100_000, mostGrowthMB: 30 });
});
