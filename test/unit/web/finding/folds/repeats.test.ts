import { expect, test } from 'vitest';
import { createRepeats } from '../../../../../web/finding/folds/repeats.ts';

const origin = { time: 1 };
const runsIn = (texts: readonly string[], sameness: 'equal' | 'numbers' = 'equal') => {
  const repeats = createRepeats(
    (id) => (texts[id - 1] === undefined ? undefined : { text: texts[id - 1] as string, origin }),
    sameness,
  );
  repeats.look(1, texts.length, false);
  return [...repeats.runs()].map(({ from, to, period }) => (period === 1 ? [from, to] : [from, to, period]));
};

test('three equal lines or more are a run', () => {
  expect(runsIn(['a', 'b', 'b', 'b', 'c', 'd', 'd', 'e', 'e', 'e', 'e'])).toEqual([
    [2, 4],
    [8, 11],
  ]);
});

test('numbers may differ, if that is asked for', () => {
  const texts = ['try 1 of 3', 'try 2 of 3', 'try 3 of 3'];
  expect(runsIn(texts)).toEqual([]);
  expect(runsIn(texts, 'numbers')).toEqual([[1, 3]]);
});

test('pictures and empty lines are left alone', () => {
  for (const text of ['████  ██', '│ a │', '', '-----', '\x1b[41m  x  \x1b[0m'])
    expect(runsIn([text, text, text, text])).toEqual([]);
});

test('a run grows with what comes, and with what is fetched', () => {
  const texts: string[] = ['x', 'same', 'same', 'same'];
  const repeats = createRepeats(
    (id) => (texts[id - 1] === undefined ? undefined : { text: texts[id - 1] as string, origin }),
    'equal',
  );
  expect(repeats.look(1, 4, true)).toBe(true);
  expect(repeats.look(1, 4, true)).toBe(false);
  texts.push('same', 'same', 'other');
  expect(repeats.look(4, 7, true)).toBe(true);
  expect([...repeats.runs()]).toEqual([{ from: 2, to: 6, period: 1, isPart: false }]);
});

test('blocks of two or three lines are a run as well', () => {
  expect(runsIn(['x', 'a', 'b', 'a', 'b', 'a', 'b', 'a', 'y'])).toEqual([[2, 7, 2]]);
  expect(runsIn(['a', 'b', 'c', 'a', 'b', 'c', 'a', 'b', 'c', 'a', 'b'])).toEqual([[1, 9, 3]]);
  expect(runsIn(['a', 'b', 'a', 'b', 'x'])).toEqual([]);
  expect(runsIn(['try 1', 'wait 2 s', 'try 2', 'wait 4 s', 'try 3', 'wait 8 s'], 'numbers')).toEqual([[1, 6, 2]]);
});

test('a run of blocks grows by whole blocks', () => {
  const texts = ['a', 'b', 'a', 'b', 'a', 'b'];
  const repeats = createRepeats(
    (id) => (texts[id - 1] === undefined ? undefined : { text: texts[id - 1] as string, origin }),
    'equal',
  );
  expect(repeats.look(1, 6, true)).toBe(true);
  texts.push('a');
  expect(repeats.look(1, 7, true)).toBe(false);
  texts.push('b');
  expect(repeats.look(5, 8, true)).toBe(true);
  expect([...repeats.runs()]).toEqual([{ from: 1, to: 8, period: 2, isPart: false }]);
});

test('what is found before a run makes it longer', () => {
  const texts = ['x', 'same', 'same', 'same', 'same', 'same', 'other'];
  const repeats = createRepeats((id) => ({ text: texts[id - 1] as string, origin }), 'equal');
  repeats.look(4, 7, false);
  repeats.look(1, 5, false);
  expect([...repeats.runs()]).toEqual([{ from: 2, to: 6, period: 1, isPart: false }]);
});

/** A page with room for so many rows: which lines it fetches, 256 at a time, until every row has its line. */
function fetched(rows: number, last: number, end: number, text: (id: number) => string) {
  const there = new Set<number>();
  const repeats = createRepeats((id) => (there.has(id) ? { text: text(id), origin } : undefined), 'equal');
  const folds = () => [...repeats.runs()];
  const shown = () => {
    const ids: number[] = [];
    for (let id = end; id > 0 && ids.length < rows; id--) {
      const fold = folds().find(({ from, to }) => from < id && id <= to);
      if (fold) id = fold.from;
      ids.unshift(id);
    }
    return ids;
  };
  let requests = 0;
  for (let frame = 0; frame < 1000; frame++) {
    const ids = shown();
    const missing = ids.findLast((id) => !there.has(id));
    if (missing !== undefined) {
      requests++;
      const chunk = Math.floor((missing - 1) / 256);
      for (let id = chunk * 256 + 1; id <= Math.min(last, (chunk + 1) * 256); id++) there.add(id);
    }
    const around = [Math.max(1, (ids[0] ?? 1) - 300), Math.min(last, (ids.at(-1) ?? end) + 300)] as const;
    if (!repeats.look(...around, end === last) && missing === undefined) break;
  }
  return { requests, runs: folds(), shown: shown() };
}

test.each([
  ['the end', 1_000_010],
  ['the middle', 500_000],
])('a million equal lines are not fetched for one row that stands for them (%s)', (_, end) => {
  const { requests, runs, shown } = fetched(40, 1_000_010, end, (id) => (id <= 1_000_000 ? 'heartbeat ok' : `${id} x`));
  expect(requests).toBeLessThan(10);
  expect(shown).toHaveLength(40);
  expect(runs).toEqual([{ from: expect.any(Number), to: expect.any(Number), period: 1, isPart: true }]);
  const [{ from, to } = { from: 0, to: 0 }] = runs;
  expect(to - from).toBeGreaterThan(200);
  expect(to - from).toBeLessThan(1500);
});

test('a run that is full grows by what is written', () => {
  let last = 400;
  const repeats = createRepeats((id) => (id <= last ? { text: 'same', origin } : undefined), 'equal');
  repeats.look(1, last, true);
  last = 900;
  expect(repeats.look(399, 700, false)).toBe(true);
  expect([...repeats.runs()]).toEqual([{ from: 1, to: 400, period: 1, isPart: true }]);
  repeats.look(399, last, true);
  expect([...repeats.runs()][0]?.to).toBe(900);
});
