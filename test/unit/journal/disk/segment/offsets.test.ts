import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createOffsets } from '../../../../../agent/journal/disk/segment/offsets.ts';

describe('offsets', () => {
  test('the nearest known boundaries before and after an id are given', () => {
    const offsets = createOffsets(100);
    expect(offsets.before(5000)).toEqual({ id: 100, offset: 0 });
    expect(offsets.after(100)).toBeUndefined();
    offsets.add(200, 100_000);
    offsets.add(300, 200_000);
    expect(offsets.before(199)).toEqual({ id: 100, offset: 0 });
    expect(offsets.before(200)).toEqual({ id: 200, offset: 100_000 });
    expect(offsets.after(199)).toEqual({ id: 200, offset: 100_000 });
    expect(offsets.after(300)).toBeUndefined();
  });

  test('where a read ends best is the last boundary within reach, or the next one', () => {
    const offsets = createOffsets(1);
    for (const [id, offset] of [
      [10, 100_000],
      [20, 200_000],
      [30, 1_200_000],
    ] as const)
      offsets.add(id, offset);
    expect(offsets.span(0, 250_000)).toBe(200_000);
    expect(offsets.span(0, 200_000)).toBe(200_000);
    expect(offsets.span(100_000, 150_000)).toBe(100_000);
    expect(offsets.span(200_000, 500_000)).toBe(1_000_000);
    expect(offsets.span(1_200_000, 500_000)).toBeUndefined();
  });

  test('entries learned in any order stay sorted, bounded in number, and never lead past an id', () => {
    const bytesPerLine = 100;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 2, max: 50_000 }), { maxLength: 300 }), fc.nat(50_000), (ids, wanted) => {
        const offsets = createOffsets(1);
        for (const id of ids) offsets.add(id, (id - 1) * bytesPerLine);
        expect(offsets.length).toBeLessThanOrEqual(1 + (50_000 * bytesPerLine) / (64 * 1024));
        const before = offsets.before(wanted + 1);
        const after = offsets.after(wanted + 1);
        expect(before.id).toBeLessThanOrEqual(wanted + 1);
        expect(before.offset).toBe((before.id - 1) * bytesPerLine);
        if (after !== undefined) expect(after.id).toBeGreaterThan(wanted + 1);
      }),
    );
  });
});
