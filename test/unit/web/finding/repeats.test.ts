import { expect, test } from 'vitest';
import { createRepeats } from '../../../../web/finding/repeats.ts';

const origin = { time: 1 };
const runsIn = (texts: readonly string[], sameness: 'equal' | 'numbers' = 'equal') => {
  const repeats = createRepeats(
    (id) => (texts[id - 1] === undefined ? undefined : { text: texts[id - 1] as string, origin }),
    sameness,
  );
  repeats.look(1, texts.length);
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
  expect(repeats.look(1, 4)).toBe(true);
  expect(repeats.look(1, 4)).toBe(false);
  texts.push('same', 'same', 'other');
  expect(repeats.look(4, 7)).toBe(true);
  expect([...repeats.runs()]).toEqual([{ from: 2, to: 6, period: 1 }]);
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
  expect(repeats.look(1, 6)).toBe(true);
  texts.push('a');
  expect(repeats.look(1, 7)).toBe(false);
  texts.push('b');
  expect(repeats.look(5, 8)).toBe(true);
  expect([...repeats.runs()]).toEqual([{ from: 1, to: 8, period: 2 }]);
});
