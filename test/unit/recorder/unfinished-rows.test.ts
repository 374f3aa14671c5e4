import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createUnfinishedRows, type UnfinishedRows } from '../../../agent/recorder/unfinished-rows.ts';

/** Unfinished text whose rows the test sets; what is shown is kept with the time at which it was. */
function terminal(settles = true) {
  const shown: { ms: number; rows: string[] }[] = [];
  let made = 0;
  const state = { rows: [] as string[], due: 0, settleMs: undefined as number | undefined };
  const display: UnfinishedRows = createUnfinishedRows(
    {
      get isUnfinished() {
        return state.rows.length > 0;
      },
      rows: () => state.rows,
      ...(settles && {
        settle() {
          const { due } = state;
          state.due = 0;
          state.rows = state.rows.slice(due);
          for (let left = due; left > 0; left--) display.becameLine();
          made += due;
          return state.settleMs;
        },
      }),
    },
    (rows) => shown.push({ ms: performance.now(), rows }),
    () => {},
  );
  return {
    shown,
    state,
    display,
    made: () => made,
    change(...rows: string[]) {
      state.rows = rows;
      display.changed();
    },
  };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('unfinished text', () => {
  it('is shown after a moment, and then at most ten times a second', () => {
    const { shown, change } = terminal();
    for (let n = 0; n < 100; n++) {
      change(`row ${n}`);
      vi.advanceTimersByTime(10);
    }
    expect(shown.length).toBeGreaterThanOrEqual(9);
    expect(shown.length).toBeLessThanOrEqual(11);
    for (const [i, { ms }] of shown.entries()) expect(ms - (shown[i - 1]?.ms ?? -100)).toBeGreaterThanOrEqual(100);
  });

  it('is never asked for at a time that has passed, of which Node 24 warns', () => {
    const { change, state } = terminal();
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const now = performance.now.bind(performance);
    let lateMs = 0;
    // A busy machine: whenever the clock is read, it is 5 ms later.
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
      lateMs += 5;
      return now() + lateMs;
    });
    state.settleMs = 1;
    change('row');
    vi.advanceTimersByTime(200);
    clock.mockRestore();
    expect(timers.mock.calls.length).toBeGreaterThan(5);
    expect(timers.mock.calls.filter(([, delayMs = 0]) => delayMs < 0)).toEqual([]);
    timers.mockRestore();
  });

  it('that is a line before it was shown is never shown', () => {
    const { shown, change, state, display } = terminal(false);
    change('half');
    vi.advanceTimersByTime(10);
    state.rows = [];
    display.becameLine();
    display.changed();
    display.written();
    vi.advanceTimersByTime(1000);
    expect(shown).toEqual([]);
  });

  it('is taken away as soon as it is a line', () => {
    const { shown, change, state, display } = terminal(false);
    change('half');
    vi.advanceTimersByTime(30);
    state.rows = [];
    display.becameLine();
    display.changed();
    expect(shown.map(({ rows }) => rows)).toEqual([['half']]);
    display.written();
    expect(shown.map(({ rows }) => rows)).toEqual([['half'], []]);
  });
});

describe('rows of which some have stood still', () => {
  it('go on being shown without those, when those are written', () => {
    const { shown, change, state, display } = terminal();
    change('a', 'b 1');
    vi.advanceTimersByTime(100);
    state.due = 1;
    change('a', 'b 2');
    vi.advanceTimersByTime(100);
    expect(shown.map(({ rows }) => rows)).toEqual([['a', 'b 1']]);
    display.written();
    expect(shown.map(({ rows }) => rows)).toEqual([['a', 'b 1'], ['b 2']]);
  });

  it('are looked at again when they are due, though nothing changes', () => {
    const { shown, change, state, display } = terminal();
    state.settleMs = 300;
    change('a');
    vi.advanceTimersByTime(100);
    state.due = 1;
    state.settleMs = undefined;
    vi.advanceTimersByTime(300);
    display.written();
    expect(shown.map(({ rows }) => rows)).toEqual([['a'], []]);
  });
});

it('rows are shown ten times a second while others wait for long to be lines', () => {
  const { shown, change, state } = terminal();
  state.settleMs = 5000;
  for (let n = 0; n < 20; n++) {
    change(`bar ${n}`);
    vi.advanceTimersByTime(100);
  }
  expect(shown.length).toBeGreaterThanOrEqual(18);
});

it('rows are lines when they are due, though others were shown right before', () => {
  const { change, state, made } = terminal();
  state.settleMs = 40;
  change('a', 'b');
  vi.advanceTimersByTime(25);
  state.due = 1;
  vi.advanceTimersByTime(40);
  expect(made()).toBe(1);
});

it('rows between floods of lines are not shown', () => {
  const { shown, change, display } = terminal();
  for (let n = 0; n < 200; n++) {
    change(`row ${n}`, 'more');
    display.becameLine();
    display.written();
    vi.advanceTimersByTime(5);
  }
  expect(shown).toEqual([]);
  vi.advanceTimersByTime(200);
  expect(shown.map(({ rows }) => rows)).toEqual([['row 199', 'more']]);
});
