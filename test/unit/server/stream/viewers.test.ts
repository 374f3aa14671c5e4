import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createViewers } from '../../../../agent/server/stream/viewers.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Whether a promise is settled, asked after everything that is due. */
function watch(promise: Promise<void>): () => Promise<boolean> {
  let isSettled = false;
  void promise.then(() => {
    isSettled = true;
  });
  return async () => {
    await vi.advanceTimersByTimeAsync(0);
    return isSettled;
  };
}

describe('a page is deserted', () => {
  it('once its only viewer has been away for the time given', async () => {
    const viewers = createViewers();
    const isDeserted = watch(viewers.deserted(3000));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await isDeserted()).toBe(false);
    const leave = viewers.enter();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await isDeserted()).toBe(false);
    leave();
    await vi.advanceTimersByTimeAsync(2999);
    expect(await isDeserted()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await isDeserted()).toBe(true);
  });

  it('not while another viewer is there', async () => {
    const viewers = createViewers();
    const isDeserted = watch(viewers.deserted(3000));
    const leaves = [viewers.enter(), viewers.enter()];
    leaves[0]?.();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await isDeserted()).toBe(false);
    leaves[1]?.();
    await vi.advanceTimersByTimeAsync(3000);
    expect(await isDeserted()).toBe(true);
  });

  it('not by a reload', async () => {
    const viewers = createViewers();
    const isDeserted = watch(viewers.deserted(3000));
    for (let i = 0; i < 5; i++) {
      const leave = viewers.enter();
      await vi.advanceTimersByTimeAsync(10_000);
      leave();
      await vi.advanceTimersByTimeAsync(2500);
    }
    viewers.enter();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await isDeserted()).toBe(false);
  });

  it('at once where its viewer had left long before anybody asked', async () => {
    const viewers = createViewers();
    viewers.enter()();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await watch(viewers.deserted(3000))()).toBe(true);
  });
});
