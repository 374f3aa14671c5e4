import { it } from 'vitest';
import { askNonsense, keepHalfOpen } from '../scenarios/flood.ts';

it('2,000 connections without a whole request cost little memory and hold up nobody', async () => {
  await keepHalfOpen({ connections: 2000, untilCut: false, mostGrowthMB: 60 });
});

it('2,000 requests that make no sense end nothing and leave nothing behind', async () => {
  await askNonsense({ requests: 2000, mostGrowthMB: 40 });
});
