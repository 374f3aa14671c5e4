import { expect, it } from 'vitest';
import { expectNothingTakenBack, losePower } from '../scenarios/power-loss.ts';
import { parseEvents } from '../support/event-text.ts';
import { mountFailingDisk } from '../support/power.ts';

it('with --fsync a power loss takes back no line that a client has seen', async (context) => {
  const disk = mountFailingDisk();
  if (disk === undefined) return context.skip('needs the right to mount');
  expectNothingTakenBack(await losePower(disk, 3, ['--fsync']));
});

it('without it lines are gone that a client has seen, and it is told', async (context) => {
  const disk = mountFailingDisk();
  if (disk === undefined) return context.skip('needs the right to mount');
  const { kept, lastSeen, answer } = await losePower(disk, 1, []);
  expect(kept.length).toBeLessThan(lastSeen);
  const reset = parseEvents(answer).find(({ type }) => type === 'reset');
  expect(JSON.parse(reset?.data ?? '')).toEqual({ first: 1, last: kept.length });
});
