import { expect, test } from 'vitest';
import { amountOf } from '../../support/sweep.ts';
import { exited, outputOf, spawnTypescript } from '../../support/typescript-process.ts';

const seeds = Array.from({ length: amountOf(3, 200) }, () => Math.floor(Math.random() * 1e9));

test.each(seeds)(
  'where descriptors run out while a log is rotated, each line comes once, with seed %i',
  async (seed) => {
    const child = await spawnTypescript('./rotation-without-descriptors.ts', [seed], 'ulimit -n 48');
    const output = outputOf(child);
    await exited(child);
    const { came, written } = JSON.parse(output.text) as Record<'came' | 'written', string[]>;
    expect(came).toEqual(written);
  },
);
