import { describe, expect, it } from 'vitest';
import type { Origin } from '../../../../agent/words/line.ts';
import { ownTimes } from '../../../../web/reading/line-times.ts';

const at = (seconds: number) => Date.UTC(2026, 10, 28, 8, 0, seconds);
const arrived = Date.UTC(2026, 10, 29);
const previous = (id: number) => id - 1;
const line = (text: string, origin: Partial<Origin> = {}) => ({ text, origin: { time: arrived, ...origin } });

function timesOf(lines: ReturnType<typeof line>[]): (number | undefined)[] {
  const timeOf = ownTimes({ get: (id) => lines[id - 1], previous }, () => undefined);
  return lines.map((one, index) => timeOf(one, index + 1));
}

describe('the time that a line is from', () => {
  it('is the one that it states, else its arrival', () => {
    expect(timesOf([line('plain'), line('2026-11-28T08:00:07Z stated')])).toEqual([arrived, at(7)]);
  });

  it('goes on from the one that was stated before it, as in the agent', () => {
    const trace = [line('2026-11-28T08:00:07Z ERROR no luck'), line('\tat Main.java:1'), line('')];
    expect(timesOf(trace)).toEqual([at(7), at(7), at(7)]);
    expect(timesOf([line('2026-11-28T08:00:07Z waits'), line('later', { time: arrived + 2000 })])).toEqual([
      at(7),
      at(9),
    ]);
  });

  it('is found a long way before it', () => {
    const lines = [line('2026-11-28T08:00:07Z first'), ...Array.from({ length: 20_000 }, () => line('more'))];
    expect(timesOf(lines).at(-1)).toBe(at(7));
    // Also by whoever has not seen what is between, in a few looks.
    const timeOf = ownTimes({ get: (id) => lines[id - 1], previous }, () => undefined);
    const last = lines.at(-1) as ReturnType<typeof line>;
    expect(Array.from({ length: 5 }, () => timeOf(last, lines.length)).at(-1)).toBe(at(7));
  });

  it('is not that of another speaker', () => {
    const mixed = [
      line('2026-11-28T08:00:07Z a', { source: 'a' }),
      line('b', { source: 'b' }),
      line('a', { source: 'a' }),
    ];
    expect(timesOf(mixed)).toEqual([at(7), arrived, at(7)]);
  });

  it('is looked for again when lines before it have come', () => {
    const lines = [line('2026-11-28T08:00:07Z first'), line('second')];
    let isHere = false;
    const get = (id: number) => (id === 1 && !isHere ? undefined : lines[id - 1]);
    const timeOf = ownTimes({ get, previous }, () => undefined);
    const second = lines[1] as ReturnType<typeof line>;
    expect(timeOf(second, 2)).toBe(arrived);
    isHere = true;
    expect(timeOf(second, 2)).toBe(at(7));
  });
});
