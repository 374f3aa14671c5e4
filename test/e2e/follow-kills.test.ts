import { expect, it } from 'vitest';
import { firstDifference, killAgents } from '../support/killed-agents.ts';

it('an agent killed at random moments, a log that is written and rotated meanwhile: every line once and in order', async () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));
  const run = await killAgents({ kills: 5, seed });
  expect(firstDifference(run), `SEED=${seed}`).toBeUndefined();
});
