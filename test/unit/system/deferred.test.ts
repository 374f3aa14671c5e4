import { describe, expect, it } from 'vitest';
import { createDeferred } from '../../../agent/system/deferred.ts';

describe('a deferred promise', () => {
  it('is settled once, from outside', async () => {
    const kept = createDeferred<number>();
    kept.resolve(1);
    kept.reject(new Error('too late'));
    const broken = createDeferred();
    broken.reject(new Error('broken'));
    await expect(kept.promise).resolves.toBe(1);
    await expect(broken.promise).rejects.toThrow('broken');
  });
});
