import { expect, test } from 'vitest';
import { createPace } from '../../../agent/system/pace.ts';

/** A clock that each operation moves on. */
function clocked() {
  let time = 0;
  const pace = createPace(() => time);
  return { pace, take: (ms: number) => pace.run(() => (time += ms)), pass: (ms: number) => (time += ms) };
}

test('operations that are answered at once go on being made in place', () => {
  const { pace, take } = clocked();
  for (let i = 0; i < 100; i++) take(1);
  expect(pace.isQuick).toBe(true);
});

test('after a slow one the next ones go elsewhere for a second', () => {
  const { pace, take, pass } = clocked();
  take(5);
  expect(pace.isQuick).toBe(false);
  pass(999);
  expect(pace.isQuick).toBe(false);
  pass(1);
  expect(pace.isQuick).toBe(true);
});

test('one that fails slowly counts as well, and its error comes through', () => {
  let time = 0;
  const pace = createPace(() => time);
  const fail = () => {
    time += 50;
    throw new Error('no space');
  };
  expect(() => pace.run(fail)).toThrow('no space');
  expect(pace.isQuick).toBe(false);
});
