import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPartials } from '../../../../agent/server/stream/partials.ts';
import type { PartialRows } from '../../../../agent/words/wire.ts';

const sent: { at: number; partial: PartialRows }[] = [];
const dataOf = (bytes: Buffer) => JSON.parse((bytes.toString().split('data: ')[1] as string).trim()) as PartialRows;
const open = (initial: PartialRows[] = []) =>
  createPartials(initial, ({ chunk }) => sent.push({ at: performance.now(), partial: dataOf(chunk.bytes) }));
const rowsSent = () => sent.map(({ partial }) => partial.rows);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  sent.length = 0;
});

describe('what clients are told of unfinished lines', () => {
  it('at most ten times a second, and the newest at last', () => {
    const partials = open();
    for (let i = 1; i <= 1000; i++) {
      partials.changed({ rows: [`${i}%`] });
      vi.advanceTimersByTime(1);
    }
    expect(sent.length).toBeLessThanOrEqual(11);
    vi.advanceTimersByTime(1000);
    expect(rowsSent().at(-1)).toEqual(['1000%']);
  });

  it('each source has its own ten', () => {
    const partials = open();
    partials.changed({ source: 'a', rows: ['1'] });
    partials.changed({ source: 'b', rows: ['1'] });
    partials.changed({ source: 'a', stream: 'stderr', rows: ['1'] });
    expect(sent).toHaveLength(3);
  });

  it('rows that became lines are taken away at once', () => {
    const partials = open();
    partials.changed({ rows: ['half'] });
    vi.advanceTimersByTime(5);
    partials.changed({ rows: [] });
    expect(rowsSent()).toEqual([['half'], []]);
  });

  it('lines that finish a thousand times a second cause no more than ten events a second', () => {
    const partials = open();
    for (let i = 0; i < 3000; i++) {
      partials.changed({ rows: i % 2 === 0 ? ['half'] : [] });
      vi.advanceTimersByTime(1);
    }
    expect(sent.length).toBeLessThanOrEqual(32);
    expect(rowsSent().at(-1)).toEqual([]);
  });

  it('what became a line before it was due is never sent', () => {
    const partials = open();
    partials.changed({ rows: ['a'] });
    partials.changed({ rows: [] });
    partials.changed({ rows: ['b'] });
    partials.changed({ rows: [] });
    vi.advanceTimersByTime(1000);
    expect(rowsSent()).toEqual([['a'], []]);
  });

  it('nothing is sent after the end', () => {
    const partials = open();
    partials.changed({ rows: ['a'] });
    partials.changed({ rows: ['b'] });
    partials.close();
    vi.advanceTimersByTime(1000);
    expect(rowsSent()).toEqual([['a']]);
  });
});

describe('what a client gets that has caught up', () => {
  const since = (partials: ReturnType<typeof open>, version: number) =>
    partials.since(version).map(({ chunk }) => dataOf(chunk.bytes));

  it('all there is, the first time', () => {
    const partials = open([{ rows: ['half'] }]);
    partials.changed({ source: 'b', rows: ['x'] });
    partials.changed({ source: 'b', rows: [] });
    expect(since(partials, 0)).toEqual([{ rows: ['half'] }]);
  });

  it('what changed while it was away, vanished rows too', () => {
    const partials = open([{ rows: ['half'] }, { source: 'b', rows: ['same'] }]);
    const seen = partials.version;
    expect(since(partials, seen)).toEqual([]);
    partials.changed({ rows: [] });
    expect(since(partials, seen)).toEqual([{ rows: [] }]);
  });
});
