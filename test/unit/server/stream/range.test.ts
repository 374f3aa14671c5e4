import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LinesQuery } from '../../../../agent/server/stream/range.ts';
import { type Extent, rangeAfter, rangeOf } from '../../../../agent/server/stream/range.ts';

const kept: Extent = { first: 1, last: 100, isFinished: false };
const trimmed: Extent = { first: 51, last: 100, isFinished: false };
const query = (fields: Partial<LinesQuery> = {}): LinesQuery => ({ follow: true, ...fields });
const endless = Number.POSITIVE_INFINITY;

describe('the lines a query asks for', () => {
  it('nothing given: from the first kept line, without end', () => {
    expect(rangeOf(query(), trimmed)).toEqual({ nextId: 51, endId: endless, lineLimit: endless, isReset: false });
  });

  it('lines asked for by id that are no longer kept are still asked for', () => {
    expect(rangeOf(query({ from: 10 }), trimmed).nextId).toBe(10);
    expect(rangeOf(query({ to: 20 }), trimmed).nextId).toBe(1);
    expect(rangeOf(query({ to: 20, tail: 5 }), trimmed).nextId).toBe(16);
  });

  it('the tail begins at the first kept line when fewer are kept', () => {
    expect(rangeOf(query({ tail: 80 }), trimmed).nextId).toBe(51);
  });

  it('the tail counts back from `to`', () => {
    expect(rangeOf(query({ tail: 5, to: 90 }), kept)).toMatchObject({ nextId: 86, endId: 90 });
  });

  it('a tail of none is live only', () => {
    expect(rangeOf(query({ tail: 0 }), kept).nextId).toBe(101);
  });

  it('of from and tail the later one holds', () => {
    expect(rangeOf(query({ from: 97, tail: 10 }), kept).nextId).toBe(97);
    expect(rangeOf(query({ from: 10, tail: 10 }), kept).nextId).toBe(91);
  });

  it('without following it ends at the line that is newest now', () => {
    expect(rangeOf(query({ follow: false }), kept).endId).toBe(100);
    expect(rangeOf(query({ follow: false, to: 500 }), kept).endId).toBe(100);
  });
});

describe('the lines after a Last-Event-ID', () => {
  it('it wins over from and tail', () => {
    expect(rangeAfter(40, query({ from: 3, tail: 5 }), kept)).toMatchObject({ nextId: 41, isReset: false });
  });

  it('past the end: reset, and the log from its first line', () => {
    expect(rangeAfter(101, query({ tail: 5 }), trimmed)).toMatchObject({ nextId: 51, isReset: true });
    expect(rangeAfter(endless, query(), kept)).toMatchObject({ nextId: 1, isReset: true });
    expect(rangeAfter(3, query(), { first: 1, last: 0, isFinished: false })).toMatchObject({ isReset: true });
  });

  it.each([
    ['everything of a finished log', 100, {}, true],
    ['everything up to `to`', 60, { to: 60 }, false],
    ['the newest line, not following', 100, { follow: false }, false],
  ] as const)('who has %s gets nothing', (_, id, fields, isFinished) => {
    expect(rangeAfter(id, query(fields), { ...kept, isFinished })).toBe('complete');
  });

  it('who has all of an unfinished log waits for more', () => {
    expect(rangeAfter(100, query(), kept)).toMatchObject({ nextId: 101, endId: endless });
  });
});

it('a range agrees with counting the lines off', () => {
  const number = fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined });
  fc.assert(
    fc.property(
      fc.record({ from: number, to: number, tail: number, limit: number, keptFrom: fc.integer({ min: 1, max: 20 }) }),
      ({ from, to, tail, limit, keptFrom }) => {
        const last = 20;
        const asked = Object.fromEntries(
          Object.entries({ from, to, tail, limit }).filter(([, value]) => value !== undefined),
        );
        const { nextId, endId, lineLimit } = rangeOf(
          { follow: false, ...asked },
          { first: keptFrom, last, isFinished: false },
        );
        const ids = Array.from({ length: last }, (_, i) => i + 1);
        const upTo = ids.filter((id) => id <= (to ?? last));
        const wanted = (tail === undefined ? upTo : upTo.slice(-tail))
          .filter((id) => id >= (from ?? 1) && id >= keptFrom)
          .slice(0, limit);
        const given = ids.filter((id) => id >= nextId && id <= endId && id >= keptFrom).slice(0, lineLimit);
        expect(given).toEqual(wanted);
      },
    ),
  );
});
