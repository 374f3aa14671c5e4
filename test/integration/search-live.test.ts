import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '../../agent/frame/block.ts';
import { createBatchBuilder } from '../../agent/frame/encode.ts';
import type { Origin } from '../../agent/words/line.ts';
import { parseEvents, parseLines, type WireLine } from '../support/event-text.ts';
import { ask, open } from '../support/http-client.ts';
import { exited, type ServedLog, serveLog } from '../support/served-log.ts';

const begun = Date.UTC(2026, 10, 28, 9);
const speakers: readonly Partial<Origin>[] = [{}, { stream: 'stderr' }, { source: 'b' }];
const utterances: readonly string[][] = [
  ['worker 3 is done'],
  ['0 errors, needle'],
  ['INFO up'],
  ['\x1b[33mWARN\x1b[0m slow nee\x1b[1mdle'],
  ['2026-11-28T08:59:00.000Z ERROR needle'],
  ['2026-11-28T09:00:02.000Z worker 4'],
  ['Error: no route', '    at resolve (/srv/needle.js:12:3)', '    at main (/srv/main.js:1:1)'],
  ['{', '  "msg": "needle",', '  "level": "error"', '}'],
  ['{', '  "level": "warn",', '  "msg": "x"', '}'],
  ['Traceback (most recent call last):', '  File "a.py", line 1, in f', 'ValueError: needle'],
  ['a.c:1:2: warning: needle', '  int x;', '      ^'],
];

/** What one speaker says at once. */
interface Said {
  speaker: number;
  texts: string[];
}

/** What each speaker says, line by line, and how their lines are mixed: who says the next one, in which batch. */
const saying = fc
  .tuple(
    fc.array(fc.tuple(fc.nat(speakers.length - 1), fc.constantFrom(...utterances)), { minLength: 1, maxLength: 12 }),
    fc.infiniteStream(fc.nat(speakers.length - 1)),
    fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
    fc.boolean(),
  )
  .map(([records, turns, sizes, isMixed]) => {
    const said: { speaker: number; text: string }[] = [];
    const queues = speakers.map((_, speaker) => records.filter(([of]) => of === speaker).flatMap(([, texts]) => texts));
    if (isMixed) {
      while (queues.some((queue) => queue.length > 0)) {
        const speaker = turns.next().value as number;
        const text = queues[speaker]?.shift();
        if (text !== undefined) said.push({ speaker, text });
      }
    } else for (const [speaker, texts] of records) said.push(...texts.map((text) => ({ speaker, text })));
    const batches: Said[] = [];
    for (const { speaker, text } of said) {
      const last = batches.at(-1);
      if (last?.speaker === speaker && last.texts.length < (sizes.next().value as number)) last.texts.push(text);
      else batches.push({ speaker, texts: [text] });
    }
    return batches;
  });

const small = fc.integer({ min: 0, max: 3 });
const query = fc
  .record(
    {
      q: fc.constantFrom('needle', 'x', 'main', 'ERROR', 'srv'),
      not: fc.constantFrom('worker', 'main'),
      level: fc.constantFrom('error', 'warn', 'error,warn', 'info'),
      source: fc.constantFrom('default', 'b'),
      stream: fc.constantFrom('stdout', 'stderr'),
      since: fc.constant(String(begun)),
      until: fc.constant(String(begun + 1000)),
      context: small,
      before: small,
      record: fc.constant(1),
      limit: fc.integer({ min: 1, max: 6 }),
      regex: fc.constant(1),
    },
    { requiredKeys: [] },
  )
  .filter(({ q, not, level, since }) => [q, not, level, since].some((given) => given !== undefined))
  // A line that is context live may be a match of the finished log, and count.
  .map(({ limit, ...asked }) => (asked.level === undefined && limit !== undefined ? { ...asked, limit } : asked))
  .map((asked) => new URLSearchParams(Object.entries(asked).map(([name, value]) => [name, String(value)])).toString());

const isMixed = (batches: readonly Said[]) => new Set(batches.map(({ speaker }) => speaker)).size > 1;

const shown = (lines: readonly WireLine[]) =>
  lines.map(({ id, text, origin }) => ({ id, text, isContext: origin.context === true }));

describe('a search that is live', () => {
  let served: ServedLog;
  beforeAll(async () => {
    served = await serveLog();
  });
  afterAll(() => served[Symbol.asyncDispose]());

  /** A log of its own for each run; the search thread takes a second to start. */
  async function createLog() {
    const log = await served.store.create({ kind: 'command', name: 'run', cwd: served.dir });
    log.addSource('default');
    const builder = createBatchBuilder(1);
    return {
      url: (query: string) => served.url(`logs/${log.info.id}/events?${query}`),
      async say(batches: readonly Said[], time: number) {
        for (const [at, { speaker, texts }] of batches.entries()) {
          builder.origin({ ...speakers[speaker], time: time + 100 * at });
          for (const text of texts) builder.line(Buffer.from(text), 0, Buffer.byteLength(text));
          await log.journal.append(builder.take() as Batch);
        }
      },
      end: () => log.setStatus(exited),
      [Symbol.asyncDispose]: () => log.close(),
    };
  }

  it('gets what the same search of the finished log gets', async () => {
    await fc.assert(
      fc.asyncProperty(saying, query, async (batches, asked) => {
        await using log = await createLog();
        using live = await open(log.url(asked));
        await live.until('hello', ({ events }) => events.some(({ type }) => type === 'hello'));
        await log.say(batches, begun);
        log.end();
        const lines = shown(parseLines(await live.whole()));
        const finished = shown(parseLines((await ask(log.url(`follow=0&${asked}`))).body));
        if (!asked.includes('level')) expect(lines).toEqual(finished);
        else {
          // What was sent as context before its record said a level is not sent again.
          const ids = finished.map(({ id }) => id);
          expect(ids).toEqual(expect.arrayContaining(lines.map(({ id }) => id)));
          // Nor is what comes before a line of somebody else that was sent meanwhile.
          if (!isMixed(batches)) expect(lines.map(({ id }) => id)).toEqual(ids);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('gets it also where the search has begun in what was there before', async () => {
    await fc.assert(
      fc.asyncProperty(saying, saying, query, async (first, second, asked) => {
        fc.pre(!asked.includes('level'));
        await using log = await createLog();
        await log.say(first, begun);
        using live = await open(log.url(asked));
        // By then the search thread has answered it, too.
        await ask(log.url(`follow=0&tail=1&${asked}`));
        await log.say(second, begun + 5000);
        log.end();
        const lines = shown(parseLines(await live.whole()));
        expect(lines).toEqual(shown(parseLines((await ask(log.url(`follow=0&${asked}`))).body)));
      }),
      { numRuns: 60 },
    );
  });

  it('gets all lines after its last match, where that was there before', async () => {
    for (const [regex, tail] of [
      [0, ''],
      [1, ''],
      [0, '&tail=2'],
    ]) {
      await using log = await createLog();
      await log.say([{ speaker: 0, texts: ['up', 'needle 1', 'between', 'needle 2', 'after 1'] }], begun);
      using live = await open(log.url(`q=needle&limit=2&after=4&regex=${regex}${tail}`));
      await live.until('what was there', ({ ids }) => ids.length === 4);
      await log.say([{ speaker: 0, texts: ['after 2'] }], begun + 1000);
      await log.say([{ speaker: 1, texts: ['needle 3'] }], begun + 1000);
      await log.say([{ speaker: 2, texts: ['after 4', 'no more', 'needle 4'] }], begun + 1000);
      const found = parseLines(await live.whole()).map(({ id, origin }) => (origin.context ? -id : id));
      expect([regex, tail, found]).toEqual([regex, tail, [2, -3, 4, -5, -6, -7, -8]]);
    }
  });

  it('ends where a further match comes than was asked for, whatever the record of the last one may still say', async () => {
    await using log = await createLog();
    using live = await open(log.url('q=worker&record=1&limit=1'));
    await live.until('hello', ({ events }) => events.some(({ type }) => type === 'hello'));
    await log.say([{ speaker: 1, texts: ['worker 1'] }], begun);
    await live.until('the match', ({ ids }) => ids.length === 1);
    await log.say([{ speaker: 0, texts: ['worker 2'] }], begun);
    await live.whole();
    expect(live.ids).toEqual([1]);
  });

  it('goes by what each speaker has said last, however far away that is', async () => {
    await using log = await createLog();
    // The clock of one is that of the lines, that of the other three hours ahead.
    const said = (speaker: number, lines: number, text: string): Said => ({
      speaker,
      texts: Array.from({ length: lines }, () => text),
    });
    await log.say([said(2, 1, '2026-11-28T12:00:00.000Z up'), said(0, 1, '2026-11-28T09:00:00.000Z up')], begun);
    await log.say([said(1, 300, 'a part'), said(0, 300, 'a part')], begun);
    using live = await open(log.url(`since=${begun + 7_200_000}`));
    await live.until('what was found', ({ ids }) => ids.length === 1);
    await log.say([said(0, 300, 'a part')], begun + 1000);
    await log.say([said(2, 2, 'late'), said(1, 1, 'late'), said(2, 1, 'later')], begun + 1000);
    log.end();
    const found = parseLines(await live.whole());
    expect(found.map(({ id, text }) => [id, text])).toEqual([
      [1, '2026-11-28T12:00:00.000Z up'],
      [903, 'late'],
      [904, 'late'],
      [906, 'later'],
    ]);
  });

  it('gets all lines after its last match, whoever says them', async () => {
    await using log = await createLog();
    await log.say([{ speaker: 0, texts: ['2026-11-28T09:00:00.000Z needle', '1', '2', '3', '4', '5'] }], begun);
    using live = await open(log.url(`since=${begun}&q=needle&limit=2&after=4`));
    await live.until('what was there', ({ ids }) => ids.length === 5);
    await log.say([{ speaker: 0, texts: ['needle', 'after 1'] }], begun + 1000);
    await log.say([{ speaker: 1, texts: ['after 2'] }], begun + 1000);
    await log.say([{ speaker: 2, texts: ['after 3', 'after 4', 'no more'] }], begun + 1000);
    expect(parseLines(await live.whole()).map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 7, 8, 9, 10, 11]);
  });

  it('gets each line once, also where its connection is cut in between', async () => {
    await fc.assert(
      fc.asyncProperty(saying, saying, query, fc.nat(), async (first, second, limited, cut) => {
        const asked = limited.replace(/&?limit=\d/, '');
        await using log = await createLog();
        using live = await open(log.url(asked));
        await live.until('hello', ({ events }) => events.some(({ type }) => type === 'hello'));
        await log.say(first, begun);
        const ids = parseEvents(live.body).flatMap(({ id }) => (id === undefined ? [] : [Number(id)]));
        const at = ids[cut % Math.max(1, ids.length)] ?? 0;
        const seen = parseLines(live.body).filter(({ id }) => id <= at);
        await log.say(second, begun + 5000);
        log.end();
        const rest = await ask(log.url(asked), { headers: { 'Last-Event-ID': String(at) } });
        const whole = await ask(log.url(`follow=0&${asked}`));
        expect([...shown(seen), ...shown(parseLines(rest.body))]).toEqual(shown(parseLines(whole.body)));
      }),
      { numRuns: 25 },
    );
  });
});
