import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FirstEvents, Hello } from '../../../../agent/words/wire.ts';
import { payloads } from '../../../support/hostile-corpus.ts';

// It draws as ever, and what it draws is counted: by modules of its own, as the tests before have loaded them without.
vi.resetModules();
vi.doMock('../../../../agent/text/drawing/line-html.ts', { spy: true });
const { firstRows } = await import('../../../../agent/server/resources/first-rows.ts');
const { lineHtml } = await import('../../../../agent/text/drawing/line-html.ts');
afterAll(() => {
  vi.doUnmock('../../../../agent/text/drawing/line-html.ts');
  vi.resetModules();
});
beforeEach(() => {
  vi.mocked(lineHtml).mockClear();
});

const known: Hello = {
  ...{ log: 'a-1', name: 'a', first: 1, last: 3, sources: ['a'], time: 0 },
  status: { state: 'following' },
};

function carried(lines: readonly string[], hello: Partial<Hello> = {}): FirstEvents {
  const all = { ...known, last: lines.length, ...hello };
  const first = all.last - lines.length + 1;
  return [
    ['hello', JSON.stringify(all)],
    ['origin', '{"time":1}'],
    ...lines.map((text, at): [number, string] => [first + at, text]),
  ];
}

const idsIn = (html = '') => [...html.matchAll(/data-id="(\d+)"/g)].map(([, id]) => Number(id));
const classesIn = (html = '') => /<div class="(rows[^"]*)"/.exec(html)?.[1];

describe('the rows that a document carries', () => {
  it('are those of its lines, with room for their numbers', () => {
    const html = firstRows(carried(['one', '<two>'], { first: 100_000, last: 100_001 }));
    expect(idsIn(html)).toEqual([100_000, 100_001]);
    expect(html).toContain('style="--digits:6"');
    expect(html).toContain('&lt;two&gt;');
    expect(classesIn(html)).toBe('rows newest whole');
  });

  it('are the newest of many, and not at the top then', () => {
    const lines = Array.from({ length: 128 }, (_, at) => `line ${at}`);
    const html = firstRows(carried(lines, { last: 1000 }));
    expect(idsIn(html)).toEqual(Array.from({ length: 72 }, (_, at) => at + 929));
    expect(classesIn(html)).toBe('rows newest');
    expect(classesIn(firstRows(carried(lines.slice(-20), { last: 1000 })))).toBe('rows newest');
    const all = firstRows(carried(lines));
    expect([idsIn(all).length, classesIn(all)]).toEqual([128, 'rows newest whole']);
  });

  it('are few where each letter has its color: the document stays small', () => {
    const rainbow = Array.from({ length: 300 }, (_, at) => `\x1b[38;5;${(at % 200) + 16}mx`).join('');
    const html = firstRows(carried(Array(60).fill(rainbow)));
    expect(html?.length).toBeLessThan(70_000);
    expect(idsIn(html).length).toBeGreaterThan(2);
    expect(idsIn(html).at(-1)).toBe(60);
  });

  it('end before a line that has a button for its rest', () => {
    const manyRuns = Array.from({ length: 1001 }, (_, at) => `\x1b[${31 + (at % 2)}mx`).join('');
    expect(idsIn(firstRows(carried(['one', manyRuns, 'three', 'four'])))).toEqual([3, 4]);
    expect(firstRows(carried(['one', manyRuns]))).toBeUndefined();
  });

  it('end before a line that would hold up the agent, which is not drawn at all', () => {
    const controls = (length: number) => '\x01'.repeat(length);
    expect(firstRows(carried(['one', controls(16_000)]))).toBeUndefined();
    expect(lineHtml).not.toHaveBeenCalled();
    expect(idsIn(firstRows(carried(['one', controls(16_000), 'three', 'four'])))).toEqual([3, 4]);
    expect(lineHtml).toHaveBeenCalledTimes(2);
    vi.mocked(lineHtml).mockClear();
    firstRows(carried([1, 2, 3, 4, 5].map(() => controls(4000))));
    const drawn = vi.mocked(lineHtml).mock.calls.map(([line]) => line.length);
    expect(drawn.reduce((sum, length) => sum + length)).toBeLessThanOrEqual(8000);
  });

  it.each([
    ['there are several sources', { sources: ['a', 'b'] }, true],
    ['it ended badly', { status: { state: 'exited', code: 1, signal: null, startedAt: 0, endedAt: 1 } }, true],
    [
      'it was ended by a signal',
      { status: { state: 'exited', code: null, signal: 'SIGKILL', startedAt: 0, endedAt: 1 } },
      true,
    ],
    ['it ended well', { status: { state: 'exited', code: 0, signal: null, startedAt: 0, endedAt: 1 } }, false],
  ] as const)('say whether the script shows something else at first: %s', (_name, hello, isOtherwise) => {
    const html = firstRows(carried(['one'], hello as unknown as Partial<Hello>));
    expect(classesIn(html)?.includes('otherwise')).toBe(isOtherwise);
  });

  it('are none where there is no line', () => {
    expect(firstRows(carried([]))).toBeUndefined();
    expect(firstRows([])).toBeUndefined();
  });

  it('are as many elements as there are lines, whatever is in those', () => {
    const lines = payloads.map(({ bytes }) => bytes.toString().slice(0, 4000));
    for (const line of lines) {
      const html = firstRows(carried(['before', line, 'after'])) ?? '';
      expect(html.match(/<div/g)).toHaveLength(7);
      expect(html).not.toMatch(/<(?!\/?(?:main|div|span|a|b|i|u|strike|blink)\b)/);
    }
  });
});
