import { statSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Level } from '../../agent/text/level.ts';
import type { Origin } from '../../agent/words/line.ts';
import { newestSegment } from '../support/damage.ts';
import { until } from '../support/deadline.ts';
import { parseEvents, parseLines, type WireLine } from '../support/event-text.ts';
import { ask } from '../support/http-client.ts';
import { createRecordNumbers, type KnownLine, type NaiveQuery, searchNaively } from '../support/naive-search.ts';
import { type ServedLog, serveLog } from '../support/served-log.ts';

const segmentBytes = 32 * 1024;
const retainBytes = 8 * segmentBytes;
const origins: Partial<Origin>[] = [{}, { source: 'web' }, { source: 'db', stream: 'stderr' }, { stream: 'stderr' }];
const utterances: readonly { level?: Level; texts: string[] }[] = [
  { texts: ['worker 3 is done'] },
  { texts: [`0 errors, needle ${'x'.repeat(300)}`] },
  { level: 'info', texts: ['INFO up'] },
  { level: 'warn', texts: ['WARN slow \x1b[31mneed\x1b[0mle'] },
  { level: 'error', texts: ['ERROR no needle'] },
  {
    level: 'error',
    texts: ['Error: no route', '    at resolve (/srv/needle.js:12:3)', '    at main (/srv/main.js:1:1)'],
  },
  {
    level: 'error',
    texts: ['Traceback (most recent call last):', '  File "a.py", line 1, in f', 'ValueError: needle'],
  },
];

const shown = (lines: readonly (WireLine & { isContext?: boolean })[]) =>
  lines.map(({ id, text, origin, isContext }) => ({ id, text, isContext: isContext ?? origin.context === true }));

function queryText(query: NaiveQuery): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== false && one !== undefined) parameters.append(name, one === true ? '1' : String(one));
  return parameters.toString();
}

const names = fc.subarray(['default', 'web', 'db'], { minLength: 1 });
const small = fc.integer({ min: 0, max: 4 });
const query: fc.Arbitrary<NaiveQuery> = fc
  .record(
    {
      q: fc.constantFrom('needle', 'x', 'main', 'ERROR', 'route'),
      level: fc.constantFrom('error', 'warn', 'error,warn', 'info'),
      source: names,
      hide: names,
      not: fc.constant<string[]>(['worker']),
      stream: fc.constantFrom('stdout' as const, 'stderr' as const),
      context: small,
      before: small,
      record: fc.boolean(),
      limit: fc.integer({ min: 1, max: 60 }),
      tail: fc.integer({ min: 1, max: 60 }),
    },
    { requiredKeys: [] },
  )
  .filter(({ q, level }) => q !== undefined || level !== undefined);

/** Each record is a batch, and a segment begins with one: retention takes whole ones. */
describe('any search of a log of several sources that retention takes lines of', () => {
  let served: ServedLog;
  const known: Omit<KnownLine, keyof WireLine>[] = [];
  const said: { text: string; origin: Partial<Origin> }[] = [];
  const recordOf = createRecordNumbers();
  let round = 0;

  async function grow(records: number): Promise<void> {
    const chosen = fc.sample(fc.tuple(fc.constantFrom(...origins), fc.constantFrom(...utterances)), {
      seed: ++round,
      numRuns: records,
    });
    for (const [origin, { texts, level }] of chosen) {
      await served.append(texts, origin);
      const record = recordOf(`${origin.source ?? 'default'} ${origin.stream ?? 'stdout'}`, texts[0] ?? '');
      for (const text of texts) {
        known.push({ level, record });
        said.push({ text, origin });
      }
    }
    const { journal } = served.log;
    // Until it is done a file may be gone of which the journal still counts the lines.
    const newest = statSync(await newestSegment(journal.location as string)).size;
    await until('retention', () => journal.size - newest + Math.max(newest, segmentBytes) <= retainBytes);
    expect(journal.lastId).toBe(known.length);
  }

  /** The lines that are there now. */
  function kept(): KnownLine[] {
    const { firstId, lastId } = served.log.journal;
    return Array.from({ length: lastId - firstId + 1 }, (_, i) => {
      const id = firstId + i;
      const { text, origin } = said[id - 1] as (typeof said)[number];
      return { id, text, origin: { time: 0, ...origin }, ...known[id - 1] };
    });
  }

  beforeAll(async () => {
    served = await serveLog({ keeping: { segmentBytes, retainBytes } });
    served.log.addSource('default');
    await grow(3000);
    expect(served.log.journal.firstId).toBeGreaterThan(1000);
  });
  afterAll(() => served[Symbol.asyncDispose]());

  it('gets what a look at every kept line finds, and resumes when more of them are gone', async () => {
    let gaps = 0;
    await fc.assert(
      fc.asyncProperty(query, fc.nat(), fc.nat(250), fc.boolean(), async (asked, cut, start, isPast) => {
        const { journal } = served.log;
        const ranged =
          asked.tail === undefined ? { ...asked, from: Math.max(1, journal.firstId + start - 125) } : asked;
        const path = `events?follow=0&${queryText(ranged)}`;
        const { body, status } = await ask(served.url(path));
        expect(status).toBe(200);
        const found = parseLines(body);
        expect(shown(found)).toEqual(shown(searchNaively(kept(), ranged)));
        if (ranged.from !== undefined && ranged.from < journal.firstId)
          expect(gapIn(body)?.to).toBe(journal.firstId - 1);

        const { tail: _, limit: __, ...rest } = ranged;
        const at = found[cut % Math.max(1, found.length)]?.id;
        if (at === undefined) return;
        await grow(isPast ? 1500 : 5);
        const resumed = await ask(served.url(`events?follow=0&${queryText(rest)}`), {
          headers: { 'Last-Event-ID': String(at) },
        });
        const lines = kept();
        const expected = searchNaively(lines, { ...rest, from: lines[0]?.id ?? 1 }).filter(({ id }) => id > at);
        expect(shown(parseLines(resumed.body))).toEqual(shown(expected));
        const isGone = at + 1 < journal.firstId;
        expect(gapIn(resumed.body)).toEqual(
          isGone ? { from: at + 1, to: journal.firstId - 1, reason: 'retention' } : undefined,
        );
        if (isGone) gaps++;
      }),
      { numRuns: 15, seed: 9 },
    );
    expect(gaps).toBeGreaterThan(3);
  });

  function gapIn(body: string): { from: number; to: number } | undefined {
    const gap = parseEvents(body).find(({ type }) => type === 'gap');
    return gap && JSON.parse(gap.data);
  }
});
