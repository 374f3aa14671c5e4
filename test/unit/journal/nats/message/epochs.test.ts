import { expect, it } from 'vitest';
import { createEpochs, epochAfter, epochsText, parseEpochs } from '../../../../../agent/journal/nats/message/epochs.ts';

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

it('a writer is news once, also one that is older than all that are remembered', () => {
  let news = 0;
  const epochs = createEpochs(() => void news++);
  const learn = (epoch: number) => epochs.learn([{ epoch, from: epoch }]);
  for (let epoch = 1; epoch <= 20; epoch++) learn(epoch);
  expect(news).toBe(20);
  for (const epoch of [1, 2, 19, 20]) learn(epoch);
  expect(news).toBe(20);
  learn(21);
  expect(news).toBe(21);
});

it('a writer counts that begins anew where the store was wiped, also for who knows the writers before', () => {
  const hour = 3_600_000;
  const epochs = createEpochs();
  let newest = epochAfter(0, 0);
  epochs.learn([{ epoch: newest, from: 1 }]);
  newest = epochAfter(newest, hour);
  epochs.learn([{ epoch: newest, from: 101 }]);
  const anew = epochAfter(0, 2 * hour);
  epochs.learn([{ epoch: anew, from: 1 }]);
  expect(epochs.counts(batch(anew, 90, 110))).toBe(true);
  expect(epochs.counts(batch(newest, 101, 110))).toBe(false);
});

it('a writer is newer than those that it knows, also where its clock is behind theirs', () => {
  const ahead = epochAfter(0, Date.now() + 86_400_000);
  expect(epochAfter(ahead)).toBe(ahead + 1);
  expect(epochsText([{ epoch: ahead, from: 1 }])).toBe(epochsText(parseEpochs(`${ahead}@1`)));
});
