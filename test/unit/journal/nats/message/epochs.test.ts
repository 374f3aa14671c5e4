import { expect, it } from 'vitest';
import { createEpochs, epochsText, parseEpochs } from '../../../../../agent/journal/nats/message/epochs.ts';

const batch = (epoch: number, firstId: number, lastId: number) => ({ epoch, firstId, lastId });

it('lines of a writer count up to where a newer one begins', () => {
  const epochs = createEpochs();
  epochs.learn([
    { epoch: 1, from: 1 },
    { epoch: 2, from: 11 },
    { epoch: 3, from: 21 },
  ]);
  expect(epochs.counts(batch(1, 1, 10))).toBe(true);
  expect(epochs.counts(batch(1, 11, 12))).toBe(false);
  expect(epochs.counts(batch(1, 9, 12))).toBe(false);
  expect(epochs.counts(batch(1, 30, 31))).toBe(false);
  expect(epochs.counts(batch(2, 11, 20))).toBe(true);
  expect(epochs.counts(batch(2, 15, 21))).toBe(false);
  expect(epochs.counts(batch(3, 21, 99))).toBe(true);
});

it('whichever message names them, and in whichever order they are learned', () => {
  const epochs = createEpochs();
  epochs.learn(parseEpochs(epochsText([{ epoch: 2, from: 11 }])));
  epochs.learn(parseEpochs('1@1 2@11'));
  expect(epochs.all).toEqual([
    { epoch: 1, from: 1 },
    { epoch: 2, from: 11 },
  ]);
  expect(epochs.newest).toEqual({ epoch: 2, from: 11 });
});
