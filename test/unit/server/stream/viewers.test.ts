import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAttendance } from '../../../../agent/server/stream/viewers.ts';

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
    const attendance = createAttendance();
    const isDeserted = watch(attendance.deserted(3000));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await isDeserted()).toBe(false);
    const leave = attendance.enter();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await isDeserted()).toBe(false);
    leave();
    await vi.advanceTimersByTimeAsync(2999);
    expect(await isDeserted()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await isDeserted()).toBe(true);
  });

  it('not while another viewer is there', async () => {
    const attendance = createAttendance();
    const isDeserted = watch(attendance.deserted(3000));
    const leaves = [attendance.enter(), attendance.enter()];
    leaves[0]?.();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await isDeserted()).toBe(false);
    leaves[1]?.();
    await vi.advanceTimersByTimeAsync(3000);
    expect(await isDeserted()).toBe(true);
  });

  it('not by a reload', async () => {
    const attendance = createAttendance();
    const isDeserted = watch(attendance.deserted(3000));
    for (let i = 0; i < 5; i++) {
      const leave = attendance.enter();
      await vi.advanceTimersByTimeAsync(10_000);
      leave();
      await vi.advanceTimersByTimeAsync(2500);
    }
    attendance.enter();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await isDeserted()).toBe(false);
  });

  it('at once where its viewer had left long before anybody asked', async () => {
    const attendance = createAttendance();
    attendance.enter()();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await watch(attendance.deserted(3000))()).toBe(true);
  });
});
