import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseLines, type WireLine } from '../support/event-text.ts';
import { ask } from '../support/http-client.ts';
import { type KnownLine, type NaiveQuery, searchNaively } from '../support/naive-search.ts';
import { type ServedLog, serveLog } from '../support/served-log.ts';

const lineCount = 70_000;
const batchLines = 1000;
const begun = Date.UTC(2026, 10, 28, 9);
const secondMs = 1000;

/** A line a second; some are late, some say no time, and one is of long ago. */
function lineAt(id: number): { text: string; known: Partial<KnownLine> } {
  if (id % 11 === 0) return { text: `  part of ${id}`, known: {} };
  const late = id % 1000 === 7 ? 90 * secondMs : 0;
  const stamp = id === 50_000 ? begun - 86_400_000 : begun + id * secondMs - late;
  const level = id % 5003 === 1 ? 'error' : undefined;
  return { text: `${new Date(stamp).toISOString()} ${level ? 'ERROR ' : ''}needle ${id % 7}`, known: { stamp, level } };
}

const shown = (lines: readonly (WireLine & { isContext?: boolean })[]) =>
  lines.map(({ id, text, origin, isContext }) => ({ id, text, isContext: isContext ?? origin.context === true }));

function parametersOf(query: NaiveQuery): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}

describe('any search for lines of a time in a log of several chunks', () => {
  let served: ServedLog;
  const lines: KnownLine[] = [];

  beforeAll(async () => {
    served = await serveLog();
    for (let first = 1; first <= lineCount; first += batchLines) {
      const said = Array.from({ length: batchLines }, (_, i) => lineAt(first + i));
      const origin = { time: begun + first * secondMs };
      await served.append(
        said.map(({ text }) => text),
        origin,
      );
      for (const [i, { text, known }] of said.entries()) lines.push({ id: first + i, text, origin, ...known });
    }
  });
  afterAll(() => served[Symbol.asyncDispose]());

  const moment = fc.oneof(
    fc.integer({ min: -100, max: lineCount + 100 }),
    // Where one chunk ends and the next begins.
    fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: -120, max: 120 })).map(([at, by]) => at * 32_768 + by),
  );
  const span = fc
    .tuple(
      moment,
      fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 0, max: 300 }) }, fc.integer({ min: 0, max: 50_000 })),
    )
    .map(([from, length]) => ({ since: begun + from * secondMs, until: begun + (from + length) * secondMs }));
  const query: fc.Arbitrary<NaiveQuery> = fc
    .record({
      span,
      open: fc.constantFrom('since' as const, 'until' as const, undefined, undefined),
      more: fc.record(
        {
          q: fc.constantFrom('needle 3', 'part of', 'ERROR'),
          level: fc.constant('error'),
          tail: fc.integer({ min: 0, max: 300 }),
          limit: fc.integer({ min: 1, max: 300 }),
          before: fc.integer({ min: 0, max: 4 }),
          after: fc.integer({ min: 0, max: 4 }),
        },
        { requiredKeys: [] },
      ),
    })
    .map(({ span: { since, until }, open, more }) => ({
      ...(open === 'until' ? {} : { since }),
      ...(open === 'since' ? {} : { until }),
      ...more,
    }));

  it('gets what a look at every line finds, and the timeline counts it', async () => {
    await fc.assert(
      fc.asyncProperty(query, async (asked) => {
        const { body, status } = await ask(served.url(`events?follow=0&${parametersOf(asked)}`));
        expect(status).toBe(200);
        const found = shown(searchNaively(lines, asked));
        const got = shown(parseLines(body));
        // Of tens of thousands of lines it is known in a hundredth of the time whether they are the same.
        if (JSON.stringify(got) !== JSON.stringify(found)) expect(got).toEqual(found);
        const { tail: _, limit: __, before: ___, after: ____, ...counted } = asked;
        const { body: timeline } = await ask(served.url(`histogram?${parametersOf(counted)}`));
        expect(JSON.parse(timeline).lines).toBe(searchNaively(lines, counted).length);
      }),
      { numRuns: 5, seed: 6 },
    );
  });
});
