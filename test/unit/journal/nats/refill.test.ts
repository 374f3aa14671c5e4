import { expect, it } from 'vitest';
import { createRefill } from '../../../../agent/journal/nats/refill.ts';

/** A wait for the lines from 3 on, and a clock to set. */
function begun() {
  const clock = { ms: 1000 };
  const told: number[] = [];
  const refill = createRefill(
    () => void told.push(clock.ms),
    () => clock.ms,
  );
  refill.begin(3);
  return { clock, told, refill };
}

it('lines that were lost are waited for a minute', () => {
  const { clock, refill } = begun();
  clock.ms += 60_000;
  expect(refill.firstId).toBe(3);
  clock.ms += 1;
  expect(refill.firstId).toBeUndefined();
});

it('for as long again after each of them, but not once that is over', () => {
  const { clock, refill } = begun();
  for (let i = 0; i < 5; i++) {
    clock.ms += 59_000;
    refill.progress();
    expect(refill.firstId).toBe(3);
  }
  clock.ms += 61_000;
  expect(refill.firstId).toBeUndefined();
  refill.progress();
  expect(refill.firstId).toBeUndefined();
});

it('and not where nothing is to come', () => {
  const { refill } = begun();
  refill.end();
  expect(refill.firstId).toBeUndefined();
});

it('whoever has them is told at once, and again, but not all the time', () => {
  const { clock, told, refill } = begun();
  for (let i = 0; i < 100; i++) {
    clock.ms += 100;
    refill.remind();
  }
  expect(told).toEqual([1000, 6000, 11_000]);
});
