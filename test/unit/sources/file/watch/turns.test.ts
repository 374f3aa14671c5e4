import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createTurns } from '../../../../../agent/sources/file/watch/turns.ts';

it('so much is under way at once, and all has its turn', async () => {
  const inTurn = createTurns(3);
  let running = 0;
  let most = 0;
  let done = 0;
  const work = async () => {
    running++;
    most = Math.max(most, running);
    await setImmediate();
    running--;
    done++;
    if (done % 5 === 0) throw new Error('one fails');
  };
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => inTurn(work)));
  expect({ most, done, failed: results.filter(({ status }) => status === 'rejected').length }).toEqual({
    most: 3,
    done: 20,
    failed: 4,
  });
  expect(inTurn(() => undefined)).toBeUndefined();
});
