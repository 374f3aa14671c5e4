import { expect, test } from 'vitest';
import { createWants } from '../../../../web/history/wants.ts';
import { createLineStore } from '../../../../web/lines/line-store.ts';

/** A filtered log whose lines 20,000 and 30,000 are shown, as is known from 20,000 on. */
function filtered() {
  const store = createLineStore();
  store.span(1, 30_000);
  store.select(() => true);
  store.put(20_000, 'a', { time: 1 });
  store.put(30_000, 'b', { time: 1 });
  store.hide(20_001, 29_999);
  return store;
}

const idsFrom = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

test('at the end of a filtered log the rows above are asked for at once, not one view after the other', () => {
  const store = filtered();
  const wantsOf = createWants(store, () => {});
  const sight = { ids: [...idsFrom(19_970, 19_999), 20_000, 30_000], mostRows: 32, following: false };
  expect(wantsOf(sight)).toEqual([{ from: 1, to: 19_999, some: { from: 'end', lines: 160 } }]);
});

test('away from the end they are asked for on both sides', () => {
  const store = filtered();
  store.forgetLines();
  const wantsOf = createWants(store, () => {});
  expect(wantsOf({ ids: idsFrom(10_000, 10_031), mostRows: 32, following: false })).toEqual([
    { from: 10_000, to: 30_000, some: { from: 'start', lines: 160 } },
    { from: 1, to: 9999, some: { from: 'end', lines: 160 } },
  ]);
});
