import { expect, it } from 'vitest';
import { firstDifference, killAgents } from '../support/killed-agents.ts';

const kills = Number(process.env.KILLS ?? 150);
const killsPerRun = 15;
const firstSeed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));

it.each(Array.from({ length: Math.ceil(kills / killsPerRun) }, (_, run) => firstSeed + run))(
  `${killsPerRun} kills while a log is written and rotated, seed %i: every line once and in order`,
  async (seed) => {
    const run = await killAgents({ kills: killsPerRun, seed });
    expect(firstDifference(run), `SEED=${seed} KILLS=${killsPerRun}`).toBeUndefined();
  },
);
