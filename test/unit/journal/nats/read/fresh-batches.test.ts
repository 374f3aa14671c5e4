import { expect, test } from 'vitest';
import type { FreshBatch } from '../../../../../agent/journal/nats/cluster/log-subject.ts';
import { createFreshBatches } from '../../../../../agent/journal/nats/read/fresh-batches.ts';
import { until } from '../../../../support/deadline.ts';

const batch = (seq: number, length = 100) => ({ seq, length }) as FreshBatch;

function recorded() {
  const announced: number[][] = [];
  const fresh = createFreshBatches(() => announced.push(fresh.takeGathered().map(({ seq }) => seq)));
  return { fresh, announced };
}

test('batches that come while clients are sent others are announced together', async () => {
  const { fresh, announced } = recorded();
  fresh.take(batch(1));
  await until('the first one, at once', () => announced.length === 1);
  for (let sent = 0; sent < 2; sent++) fresh.sent(performance.now() - 100, performance.now());
  fresh.take(batch(2));
  fresh.take(batch(3));
  await until('the others', () => announced.length > 1);
  expect(announced).toEqual([[1], [2, 3]]);
  expect(fresh.count).toBe(3);
});

test('a gateway gathers for longer than an agent, which would send to more viewers', async () => {
  const { fresh, announced } = recorded();
  for (let sent = 0; sent < 2; sent++) fresh.sent(performance.now() - 100, performance.now());
  const startedAt = performance.now();
  fresh.take(batch(1));
  await until('the batch', () => announced.length > 0);
  expect(performance.now() - startedAt).toBeGreaterThan(12);
});

test('what somebody else announces is not announced again, and what comes next is', async () => {
  const { fresh, announced } = recorded();
  fresh.take(batch(1));
  fresh.take(batch(2));
  expect(fresh.takeGathered().map(({ seq }) => seq)).toEqual([1, 2]);
  fresh.take(batch(3));
  await until('the next one', () => announced.length > 0);
  expect(announced).toEqual([[3]]);
});

test('no more than some gather while whoever announces them waits', () => {
  const fresh = createFreshBatches(() => {});
  for (let seq = 1; seq <= 5000; seq++) fresh.take(batch(seq));
  const gathered = fresh.takeGathered();
  expect(gathered.length).toBeLessThanOrEqual(1024);
  expect(gathered.at(-1)?.seq).toBe(5000);
});
