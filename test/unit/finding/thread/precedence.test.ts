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
  const way = await precedence.giveWay();
  expect(way).toMatchObject({ leftMs: hour });
  expect(way.isTaken()).toBe(false);
  precedence.begin();
  precedence.end();
  expect(way.isTaken()).toBe(true);
  expect((await precedence.giveWay()).isTaken()).toBe(false);
});

it('what was asked and not heard yet counts', async () => {
  const precedence = createPrecedence(hour, () => precedence.begin());
  expect((await precedence.giveWay()).isTaken()).toBe(true);
});

it('what gives way waits for those as well that begin as it goes on', async () => {
  const precedence = createPrecedence(hour);
  precedence.begin();
  let isOn = false;
  const way = precedence.giveWay().then(() => {
    isOn = true;
  });
  precedence.end();
  precedence.begin();
  await new Promise(setImmediate);
  expect(isOn).toBe(false);
  precedence.end();
  await way;
});

it('what gives way does not wait for ever', async () => {
  const precedence = createPrecedence(1);
  precedence.begin();
  expect(await precedence.giveWay()).toMatchObject({ leftMs: 0 });
  precedence.end();
});

it('what it waited for one counts where it waits for the next', async () => {
  const precedence = createPrecedence(hour);
  let { leftMs } = await precedence.giveWay();
  for (let i = 0; i < 3; i++) {
    precedence.begin();
    setTimeout(precedence.end, 3);
    const way = await precedence.giveWay(leftMs);
    expect(way.leftMs).toBeLessThan(leftMs);
    leftMs = way.leftMs;
  }
  expect(leftMs).toBeGreaterThan(0);
});
