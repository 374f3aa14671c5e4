import { expect, test } from 'vitest';
import { createLateness } from '../../../../../agent/journal/nats/publish/lateness.ts';

test('lines that wait for long are late, until the store has them', () => {
  let time = 0;
  const lateness = createLateness(2000, () => time);
  expect(lateness.isLate(0, 0)).toBe(false);
  expect(lateness.isLate(0, 5)).toBe(false);
  time = 1999;
  expect(lateness.isLate(4, 9)).toBe(false);
  time = 2000;
  expect(lateness.isLate(4, 9)).toBe(true);
  expect(lateness.isLate(9, 9)).toBe(false);
});

test('a line that waits at every look is none of those that waited before', () => {
  let time = 0;
  const lateness = createLateness(2000, () => time);
  for (let id = 1; id < 100; id++) {
    time += 500;
    expect(lateness.isLate(id - 1, id)).toBe(false);
  }
});

test('whoever publishes more slowly than lines come is late as well', () => {
  let time = 0;
  const lateness = createLateness(2000, () => time);
  const looks = Array.from({ length: 20 }, (_, look) => {
    time = look * 500;
    return lateness.isLate(look * 10, 50 + look * 20);
  });
  expect(looks.indexOf(true)).toBe(4);
});
