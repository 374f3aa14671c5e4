import { expect, it } from 'vitest';
import { createServerClock } from '../../../../../agent/journal/nats/logs/server-clock.ts';

it('goes by what servers say, and by what they have stored until then', () => {
  let elapsed = 100;
  const clock = createServerClock(() => elapsed);
  expect(clock.now()).toBe(Number.NEGATIVE_INFINITY);
  clock.heard(5000);
  elapsed += 10;
  expect(clock.now()).toBe(5010);
  // Something older says nothing.
  clock.heard(4000);
  expect(clock.now()).toBe(5010);
  clock.set(4500);
  elapsed += 1;
  expect(clock.now()).toBe(4501);
});
