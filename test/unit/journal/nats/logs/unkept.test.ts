import { expect, it } from 'vitest';
import { createUnkept } from '../../../../../agent/journal/nats/logs/unkept.ts';
import type { TaskProgress } from '../../../../../agent/words/wire.ts';
import { until } from '../../../../support/deadline.ts';

function watched() {
  const said: (TaskProgress | undefined)[] = [];
  let partials = 0;
  const unkept = createUnkept({ onPartial: () => partials++, onProgress: () => said.push(unkept.progress) });
  return { unkept, said, partials: () => partials };
}

const at = (percent: number): TaskProgress => ({ state: 'normal', percent });

it('progress that changes a thousand times at once is announced a few times, and its last state is', async () => {
  const { unkept, said } = watched();
  for (let i = 0; i <= 1000; i++) unkept.take({ progress: at(i / 10) });
  await until('the last state', () => said.at(-1)?.percent === 100);
  expect(said.length).toBeLessThanOrEqual(2);
});

it('an answer does not take back what has come since it was asked for', () => {
  const { unkept } = watched();
  const askedAt = unkept.progressNews;
  unkept.take({ progress: null });
  unkept.replace({ partials: [], progress: at(42) }, askedAt);
  expect(unkept.progress).toBeUndefined();
  unkept.replace({ partials: [], progress: at(42) }, unkept.progressNews);
  expect(unkept.progress).toEqual(at(42));
  unkept.end();
  expect(unkept.progress).toBeUndefined();
});

it('the end of rows that nobody has heard of is no news', () => {
  const { unkept, partials } = watched();
  for (let i = 0; i < 10; i++) unkept.take({ source: `made up ${i}`, rows: [] });
  expect([partials(), unkept.partials]).toEqual([0, []]);
  unkept.take({ rows: ['10%'] });
  unkept.end();
  expect([partials(), unkept.partials]).toEqual([2, []]);
});
