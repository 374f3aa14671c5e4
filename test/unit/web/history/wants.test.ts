import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { createHistory } from '../../../../web/history/history.ts';
import type { RangeListener } from '../../../../web/history/range-reader.ts';
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
  const wantsOf = createWants(
    store,
    () => {},
    () => false,
  );
  const sight = { ids: [...idsFrom(19_970, 19_999), 20_000, 30_000], mostRows: 32, following: false };
  expect(wantsOf(sight)).toEqual([{ from: 1, to: 19_999, some: { from: 'end', lines: 160 } }]);
});

test('away from the end they are asked for on both sides', () => {
  const store = filtered();
  store.forgetLines();
  const wantsOf = createWants(
    store,
    () => {},
    () => false,
  );
  expect(wantsOf({ ids: idsFrom(10_000, 10_031), mostRows: 32, following: false })).toEqual([
    { from: 10_000, to: 30_000, some: { from: 'start', lines: 160 } },
    { from: 1, to: 9999, some: { from: 'end', lines: 160 } },
  ]);
});

test('rows at the top of the view are asked for from what is known below them', () => {
  const store = filtered();
  const wantsOf = createWants(
    store,
    () => {},
    () => false,
  );
  store.forgetLines();
  store.hide(10_000, 10_999);
  const sight = { ids: [...idsFrom(9988, 9999), ...idsFrom(11_000, 11_019)], mostRows: 32, following: false };
  expect(wantsOf(sight)).toEqual([
    { from: 11_000, to: 30_000, some: { from: 'start', lines: 160 } },
    { from: 1, to: 9999, some: { from: 'end', lines: 160 } },
  ]);
});

test('whatever a filter leaves out, what is wanted comes, though what is found out moves the view meanwhile', () => {
  using _timers = fakeTimers();
  const size = 30_000;
  const id = fc.integer({ min: 1, max: size });
  fc.assert(
    fc.property(fc.uniqueArray(id, { maxLength: 60 }), id, fc.integer({ min: 1, max: 8 }), (ids, place, slowness) => {
      const view = viewOf({ size, matches: new Set(ids), place, slowness });
      let turns = 0;
      for (; turns < 100 && view.hasUnknown(); turns++) {
        view.turn();
        vi.advanceTimersByTime(50);
      }
      expect(turns).toBeLessThan(100);
    }),
  );
});

test('whoever reads through a filtered log with lines around matches sees all of them, and no other', () => {
  using _timers = fakeTimers();
  const size = 400;
  const matches = fc.uniqueArray(fc.integer({ min: 1, max: size }), { minLength: 40, maxLength: 150 });
  fc.assert(
    fc.property(matches, fc.integer({ min: 1, max: 6 }), fc.boolean(), (ids, context, isUp) => {
      const view = viewOf({ size, matches: new Set(ids), place: 1, slowness: 1, context, above: 3, below: 6 });
      const seen = new Set<number>();
      for (let at = 1; at <= size; at += 3) {
        const shown = view.moveTo(isUp ? size + 1 - at : at);
        for (const id of shown) seen.add(id);
      }
      const around = (id: number) => ids.some((match) => Math.abs(match - id) <= context);
      expect([...seen].sort((a, b) => a - b)).toEqual(idsFrom(1, size).filter(around));
    }),
  );
});

function fakeTimers(): Disposable {
  vi.useFakeTimers();
  return { [Symbol.dispose]: () => vi.useRealTimers() };
}

/**
 * A view of a filtered log around a place, and an agent that looks through 1000 lines a turn; what is asked for from
 * the end comes at once, after so many turns.
 */
function viewOf(of: {
  size: number;
  matches: Set<number>;
  place: number;
  slowness: number;
  /** Lines around each match. */
  context?: number;
  /** Rows that there is room for above and below the place. */
  above?: number;
  below?: number;
}) {
  const { context = 0, above = 13, below = 32 } = of;
  const store = createLineStore();
  store.span(1, of.size);
  store.select(() => true);
  const wantsOf = createWants(
    store,
    () => {},
    () => context > 0,
  );
  const answers = new Set<() => void>();
  const matchesIn = (from: number, to: number) => idsFrom(from, to).filter((one) => of.matches.has(one));
  const block = (ids: number[], matches: ReadonlySet<number>, reached?: number) => ({
    ids,
    texts: ids.map(String),
    origins: ids.map((id, at) => ({ at, origin: { time: 1, ...(!matches.has(id) && { context: true as const }) } })),
    ...(reached !== undefined && { reached }),
  });
  const history = createHistory({
    readRange(url, listener: RangeListener) {
      const { from, to, limit, tail } = Object.fromEntries(new URLSearchParams(url.slice(url.indexOf('?'))));
      const all = matchesIn(Number(from), Number(to));
      const found = tail === undefined ? all.slice(0, Number(limit)) : all.slice(-Number(tail));
      const isAround = (one: number) => found.some((match) => Math.abs(match - one) <= context);
      const some = context === 0 ? found : idsFrom(Number(from), Number(to)).filter(isAround);
      const last = tail === undefined && found.length === Number(limit) ? Number(some.at(-1)) : Number(to);
      let reached = Number(from) - 1;
      let turns = 0;
      const answer = () => {
        turns++;
        if (tail !== undefined && turns < of.slowness) return;
        const before = reached;
        reached = tail === undefined ? Math.min(last, reached + 1000) : last;
        listener.lines(
          block(
            some.filter((one) => one > before && one <= reached),
            new Set(found),
            reached,
          ),
          'log',
        );
        if (reached < last) return;
        answers.delete(answer);
        listener.end('done');
      };
      answers.add(answer);
      return () => answers.delete(answer);
    },
    logId: () => 'log',
    selection: () => 'q=x',
    line: store.put,
    hidden: store.hide,
    gap: store.lose,
    changed: () => {},
    answered: () => {},
  });
  /** As the list has it: the line that the reader is at, or the next one that shows, stays where it is. */
  const shown = () => {
    const anchor = [store.next(of.place - 1), store.previous(of.place)].find((one) => one >= 1 && one <= of.size);
    if (anchor === undefined) return [];
    const rows = [anchor];
    const add = (step: (id: number) => number, most: number, put: (id: number) => void) => {
      for (let one = step(anchor); rows.length < most && one >= 1 && one <= of.size; one = step(one)) put(one);
    };
    add(store.previous, above, (one) => rows.unshift(one));
    add(store.next, below, (one) => rows.push(one));
    return rows;
  };
  const hasUnknown = () => shown().some((one) => !store.get(one));
  const turn = () => {
    history.want(wantsOf({ ids: shown(), mostRows: below, following: false }));
    for (const answer of answers) answer();
  };
  return {
    hasUnknown,
    turn,
    /** Returns what shows there once it is known. */
    moveTo(place: number) {
      of.place = place;
      for (let turns = 0; turns < 100 && hasUnknown(); turns++) {
        turn();
        vi.advanceTimersByTime(50);
      }
      expect(hasUnknown()).toBe(false);
      return shown();
    },
  };
}
