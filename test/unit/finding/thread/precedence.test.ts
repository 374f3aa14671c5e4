import { expect, it } from 'vitest';
import { createPrecedence } from '../../../../agent/finding/thread/precedence.ts';

const hour = 3_600_000;

it('nothing waits where nothing goes before', async () => {
  await createPrecedence(hour).giveWay();
});

it('what gives way goes on when the last one is done', async () => {
  const precedence = createPrecedence(hour);
  const order: string[] = [];
  precedence.begin();
  precedence.begin();
  const waiting = [precedence.giveWay(), precedence.giveWay()].map((way) => way.then(() => order.push('free')));
  for (const done of ['first', 'last']) {
    await Promise.resolve();
    order.push(done);
    precedence.end();
  }
  await Promise.all(waiting);
  expect(order).toEqual(['first', 'last', 'free', 'free']);
  await precedence.giveWay();
});

it('what gave way learns that something goes before again', async () => {
  const precedence = createPrecedence(hour);
  const isBegun = await precedence.giveWay();
  expect(isBegun()).toBe(false);
  precedence.begin();
  precedence.end();
  expect(isBegun()).toBe(true);
  expect((await precedence.giveWay())()).toBe(false);
});

it('what gives way does not wait for ever', async () => {
  const precedence = createPrecedence(1);
  precedence.begin();
  await precedence.giveWay();
  precedence.end();
});
