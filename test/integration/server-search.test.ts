import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Level } from '../../agent/text/level.ts';
import type { Origin } from '../../agent/words/line.ts';
import type { StreamProgress } from '../../agent/words/wire.ts';
import { flip, newestSegment } from '../support/damage.ts';
import { parseEvents, parseLines, type WireLine } from '../support/event-text.ts';
import { ask, open } from '../support/http-client.ts';
import { createRecordNumbers, type KnownLine, type NaiveQuery, searchNaively } from '../support/naive-search.ts';
import { exited, type ServedLog, serveLog } from '../support/served-log.ts';

const words = [
  'error',
  'Error',
  'ERROR',
  'warn',
  'needle',
  'NEEDLE',
  'café',
  'cafe\u0301',
  'straße',
  'id: 4',
  'data: x',
];
const pieces = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...words, ' ', ' ', '_', '.', 'ß', 'ü', '\t', 'こ', '👍', 'i', 'x1') },
  {
    weight: 3,
    arbitrary: fc.constantFrom('\x1b[31m', '\x1b[0m', '\x1b[1;38;5;4m', '\x1b]0;needle\x07', '\x07', '\x1b[K'),
  },
  {
    weight: 1,
    arbitrary: fc
      .string({ unit: 'grapheme', maxLength: 5 })
      .filter((text) => !/[\p{Cc}\p{Cs}\u017f\u212a]/u.test(text)),
  },
);
const lineText = fc.array(pieces, { maxLength: 9 }).map((parts) => parts.join(''));
const origins: Partial<Origin>[] = [{}, { stream: 'stderr' }, {}];

function queryText(query: NaiveQuery): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== false && one !== undefined) parameters.append(name, one === true ? '1' : String(one));
    }
  }
  return parameters.toString();
}

const shown = (lines: readonly (WireLine & { isContext?: boolean })[]) =>
  lines.map(({ id, text, origin, isContext }) => ({ id, text, isContext: isContext ?? origin.context === true }));
const progressIn = (body: string) =>
  parseEvents(body)
    .filter(({ type }) => type === 'progress')
    .map(({ data }) => JSON.parse(data) as StreamProgress);

describe('any search of a log', () => {
  let served: ServedLog;
  let lines: WireLine[] = [];

  beforeAll(async () => {
    served = await serveLog();
    const batches = fc.sample(
      fc.record({ origin: fc.constantFrom(...origins), texts: fc.array(lineText, { minLength: 1, maxLength: 12 }) }),
      { seed: 7, numRuns: 700 },
    );
    for (const { origin, texts } of batches) await served.append(texts, origin);
    lines = parseLines((await ask(served.url('events?follow=0'))).body);
    // More than is looked through without the search thread.
    expect(lines.length).toBeGreaterThan(3000);
  });
  afterAll(() => served[Symbol.asyncDispose]());

  const expressions = [
    'err(or)?',
    '^[^ x]+$',
    '(?:needle|warn).*x',
    'caf.\\b',
    '[xi]\\d',
    'É',
    'ERR|é',
    '^$',
    'e{2}',
    '\\.',
    'stra(ß|ss)e$',
  ];
  const id = fc.integer({ min: 1, max: 4000 });
  const query: fc.Arbitrary<NaiveQuery> = fc
    .record(
      {
        q: fc.oneof(fc.constantFrom(...words, 'err', 'É', 'afe', 'x', ' ', 'data: ', 'origin'), lineText),
        case: fc.boolean(),
        word: fc.boolean(),
        not: fc.array(fc.constantFrom('warn', 'x', 'É', 'needle'), { maxLength: 2 }),
        has: fc.array(fc.constantFrom('warn', 'e', 'É', 'needle', ' '), { maxLength: 2 }),
        lacks: fc.array(fc.constantFrom('warn', 'e', 'X', 'needle'), { maxLength: 2 }),
        stream: fc.constantFrom('stdout' as const, 'stderr' as const),
        from: id,
        to: id,
        tail: fc.integer({ min: 0, max: 300 }),
        limit: fc.integer({ min: 1, max: 50 }),
        before: fc.integer({ min: 0, max: 5 }),
        after: fc.integer({ min: 0, max: 5 }),
        context: fc.integer({ min: 0, max: 5 }),
      },
      { requiredKeys: ['q'] },
    )
    .chain((asked) =>
      fc.option(fc.constantFrom(...expressions), { nil: undefined }).map((expression) => {
        return expression === undefined ? asked : { ...asked, q: expression, regex: true, not: [] };
      }),
    )
    .filter(({ from = 1, to = 4001, q = '' }) => from <= to && q !== '' && !/\p{Cc}/u.test(q));

  it('gets what a look at every line finds, each under its origin', async () => {
    await fc.assert(
      fc.asyncProperty(query, async (asked) => {
        const { body, status } = await ask(served.url(`events?follow=0&${queryText(asked)}`));
        expect(status).toBe(200);
        expect(shown(parseLines(body))).toEqual(shown(searchNaively(lines, asked)));
        for (const line of parseLines(body)) {
          const { context: _, ...origin } = line.origin;
          expect(origin).toEqual(lines[line.id - 1]?.origin);
        }
      }),
      { numRuns: 25, seed: 3 },
    );
  });

  it('and says what it has looked at and found', async () => {
    const { body } = await ask(served.url('events?follow=0&q=needle'));
    const found = searchNaively(lines, { q: 'needle' });
    expect(progressIn(body).at(-1)).toEqual({
      to: lines.length,
      scanned: lines.length,
      of: lines.length,
      matches: found.length,
      time: lines.at(-1)?.origin.time,
    });
  });

  it.each([
    ['q=a(b&regex=1', 'q', 2],
    ['q=x&regex=1&not=[a', 'not', 1],
    ['q=%2B&regex=1', 'q', 1],
  ])('that is no expression is a 400 that says where: %s', async (text, parameter, character) => {
    const { status, body } = await ask(served.url(`events?${text}`));
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ parameter, at: character - 1 });
    expect(JSON.parse(body).error).toContain(`at character ${character}`);
  });

  it('resumes after any line', async () => {
    await fc.assert(
      fc.asyncProperty(query, fc.nat(), async ({ tail: _, limit: __, ...asked }, cut) => {
        const { body } = await ask(served.url(`events?follow=0&${queryText(asked)}`));
        const ids = parseEvents(body).flatMap(({ id }) => (id === undefined ? [] : [Number(id)]));
        const whole = parseLines(body);
        const resumeAt = ids[cut % Math.max(1, ids.length)];
        if (resumeAt === undefined || resumeAt >= (asked.to ?? lines.length)) return;
        const rest = await ask(served.url(`events?follow=0&${queryText(asked)}`), {
          headers: { 'Last-Event-ID': String(resumeAt) },
        });
        expect(shown(parseLines(rest.body))).toEqual(shown(whole.filter(({ id }) => id > resumeAt)));
      }),
      { numRuns: 12, seed: 4 },
    );
  });
});

/** What is said by one program at a time, and how serious it is. */
const utterances: readonly { level?: Level; texts: string[] }[] = [
  { texts: ['worker 3 is done'] },
  { texts: ['0 errors, needle'] },
  { texts: ['こ 👍 needle'] },
  { level: 'debug', texts: ['DEBUG needle x'] },
  { level: 'info', texts: ['INFO up'] },
  { level: 'warn', texts: ['WARN slow needle'] },
  { level: 'warn', texts: ['\x1b[33mwarning\x1b[0m: slow'] },
  { level: 'error', texts: ['\x1b[31mERROR\x1b[0m no needle'] },
  {
    level: 'error',
    texts: ['Error: no route', '    at resolve (/srv/needle.js:12:3)', '    at main (/srv/main.js:1:1)'],
  },
  { level: 'error', texts: ['{', '  "level": "error",', '  "msg": "needle"', '}'] },
  {
    level: 'error',
    texts: [
      'Traceback (most recent call last):',
      '  File "a.py", line 1, in <module>',
      '    main()',
      'ValueError: needle',
    ],
  },
];

describe('any search of a log by level and time', () => {
  const begun = Date.UTC(2026, 10, 28, 9);
  const hour = 3_600_000;
  let served: ServedLog;
  let lines: KnownLine[] = [];

  beforeAll(async () => {
    served = await serveLog();
    const said = fc.sample(
      fc.record({
        origin: fc.constantFrom(...origins),
        utterance: fc.constantFrom(...utterances),
        stamp: fc.option(fc.integer({ min: begun - hour, max: begun + hour }), { freq: 1, nil: undefined }),
        passed: fc.integer({ min: 0, max: 3000 }),
      }),
      { seed: 11, numRuns: 2500 },
    );
    let time = begun;
    const known: Omit<KnownLine, keyof WireLine>[] = [];
    const recordOf = createRecordNumbers();
    for (const { origin, utterance, stamp, passed } of said) {
      time += passed;
      const [head = '', ...rest] = utterance.texts;
      const record = recordOf(origin.stream ?? 'stdout', head);
      const first = stamp === undefined ? head : `${new Date(stamp).toISOString()} ${head}`;
      await served.append([first, ...rest], { ...origin, time });
      known.push({ level: utterance.level, stamp, record }, ...rest.map(() => ({ level: utterance.level, record })));
    }
    lines = parseLines((await ask(served.url('events?follow=0'))).body).map((line, i) => ({ ...line, ...known[i] }));
    expect(lines.length).toBe(known.length);
    expect(lines.length).toBeGreaterThan(3000);
  });
  afterAll(() => served[Symbol.asyncDispose]());

  const moment = fc.integer({ min: begun - hour, max: begun + 2 * hour });
  const small = fc.integer({ min: 0, max: 4 });
  const query: fc.Arbitrary<NaiveQuery> = fc
    .record(
      {
        level: fc
          .uniqueArray(fc.constantFrom('error', 'warn', 'info', 'debug'), { minLength: 1, maxLength: 3 })
          .map((levels) => levels.join(',')),
        since: moment,
        until: moment,
        q: fc.constantFrom('needle', 'x', 'main', 'ERROR'),
        stream: fc.constantFrom('stdout' as const, 'stderr' as const),
        tail: fc.integer({ min: 0, max: 300 }),
        limit: fc.integer({ min: 1, max: 50 }),
        context: small,
        before: small,
        record: fc.boolean(),
      },
      { requiredKeys: [] },
    )
    .filter(({ level, since, until, q }) => [level, since, until, q].some((given) => given !== undefined))
    .filter(({ since = 0, until = Number.POSITIVE_INFINITY }) => since <= until);

  it('gets what a look at every line finds', async () => {
    await fc.assert(
      fc.asyncProperty(query, async (asked) => {
        const { body, status } = await ask(served.url(`events?follow=0&${queryText(asked)}`));
        expect(status).toBe(200);
        expect(shown(parseLines(body))).toEqual(shown(searchNaively(lines, asked)));
      }),
      { numRuns: 20, seed: 5 },
    );
  });
});

describe('a search for a text in a record', () => {
  it('brings the rest of the record as context, live as from history, and resumes in it', async () => {
    await using served = await serveLog();
    const trace = ['Error: no route', '    at resolve (/srv/loader.js:12:3)', '    at main (/srv/main.js:1:1)'];
    using live = await open(served.url('events?q=main&record=1'));
    await live.until('hello', ({ events }) => events.some(({ type }) => type === 'hello'));
    await served.append(['before', ...trace]);
    await live.until('the match', ({ ids }) => ids.includes(4));
    await served.append(['    at late (/srv/late.js:1:1)', 'after', 'main road']);
    await live.until('the last', ({ ids }) => ids.includes(7));
    expect(live.ids).toEqual([2, 3, 4, 5, 7]);
    const path = 'events?follow=0&q=main&record=1';
    const { body } = await ask(served.url(path));
    expect(shown(parseLines(body))).toEqual(shown(parseLines(live.body)));
    expect(
      shown(parseLines(body))
        .filter(({ isContext }) => !isContext)
        .map(({ id }) => id),
    ).toEqual([4, 7]);
    expect((await ask(served.url(path), { headers: { 'Last-Event-ID': '4' } })).ids).toEqual([5, 7]);
    expect((await ask(served.url(`${path}&limit=1`))).ids).toEqual([2, 3, 4, 5]);
    expect((await ask(served.url(`${path}&context=1`))).ids).toEqual([2, 3, 4, 5, 6, 7]);
    expect((await ask(served.url('raw?q=main&record=1&to=5'))).body.split('\n')).toHaveLength(5);
    expect((await ask(served.url(`${path}&record=2`))).status).toBe(400);
  });

  it('brings only lines of its own source, and those of earlier blocks', async () => {
    await using served = await serveLog();
    const origin = (source: string) => ({ source, time: 1_763_622_000_000 });
    await served.append(['Error: of a'], origin('a'));
    await served.append(['Error: of b'], origin('b'));
    await served.append(['    at a (/srv/a.js:1:1)'], origin('a'));
    await served.append(['    at needle (/srv/b.js:1:1)'], origin('b'));
    await served.append(['    at b (/srv/b.js:1:1)'], origin('b'));
    expect((await ask(served.url('events?follow=0&q=needle&record=1'))).ids).toEqual([2, 4, 5]);
    // The record of b may go on, and what comes of a is not passed over for its sake.
    const one = await ask(served.url('events?follow=0&q=at&not=b&record=1&limit=1'));
    expect(one.ids).toEqual([1, 3]);
    // Farther away than a block, and after many lines that have nothing to do with it.
    for (let i = 0; i < 20; i++)
      await served.append(
        Array.from({ length: 2000 }, (_, at) => `${'x'.repeat(90)} ${at}`),
        origin('c'),
      );
    await served.append(['Traceback (most recent call last):', '  File "a.py", line 1, in f'], origin('a'));
    await served.append(
      Array.from({ length: 50 }, () => 'c'),
      origin('c'),
    );
    await served.append(['ValueError: haystack'], origin('a'));
    const ids = [40_006, 40_007, 40_058];
    expect((await ask(served.url('events?follow=0&q=haystack&record=1'))).ids).toEqual(ids);
    expect((await ask(served.url('events?follow=0&level=error&q=haystack&record=1'))).ids).toEqual(ids);
  });
});

describe('a search by level and time', () => {
  it('gets records as a whole, live as from history', async () => {
    await using served = await serveLog();
    const trace = ['Error: no route', '    at resolve (/srv/loader.js:12:3)', '    at main (/srv/main.js:1:1)'];
    const json = ['{', '  "level": "error",', '  "msg": "x"', '}'];
    const texts = ['INFO up', ...trace, 'WARN slow', ...json, '0 errors', '\x1b[31mERROR\x1b[0m no route'];
    const errors = [2, 3, 4, 6, 7, 8, 9, 11];
    using live = await open(served.url('events?level=error'));
    await live.until('hello', ({ events }) => events.some(({ type }) => type === 'hello'));
    await served.append(texts);
    await live.until('the last error', ({ ids }) => ids.includes(11));
    expect(live.ids).toEqual(errors);
    expect((await ask(served.url('events?follow=0&level=error'))).ids).toEqual(errors);
    expect((await ask(served.url('events?follow=0&level=error&q=msg|main&regex=1'))).ids).toEqual([4, 8]);
    expect((await ask(served.url('events?follow=0&level=warn,info'))).ids).toEqual([1, 5]);
    // In the middle of a record, too.
    expect((await ask(served.url('events?follow=0&level=error&from=3&to=4'))).ids).toEqual([3, 4]);
    expect((await ask(served.url('events?follow=0&level=error'), { headers: { 'Last-Event-ID': '3' } })).ids).toEqual(
      errors.slice(2),
    );
    expect((await ask(served.url('raw?level=error&tail=2'))).body).toBe('}\n\x1b[31mERROR\x1b[0m no route\n');
  });

  it('goes by the time that lines say, and by their arrival where they do not', async () => {
    await using served = await serveLog();
    const now = Date.now();
    const iso = (ago: number) => new Date(now - ago).toISOString();
    await served.append([`${iso(3_600_000)} a`, 'goes with a', `${iso(60_000)} b`, '\tat b'], { time: now });
    await served.append(['later'], { time: now + 30_000 });
    const ids = async (text: string) => (await ask(served.url(`events?follow=0&${text}`))).ids;
    expect(await ids('since=10m')).toEqual([3, 4, 5]);
    expect(await ids('until=10m')).toEqual([1, 2]);
    expect(await ids(`since=${now - 60_000}&until=${now - 60_000}`)).toEqual([3, 4]);
    expect(await ids(`since=${now - 40_000}`)).toEqual([5]);
    expect(await ids(`since=${encodeURIComponent(iso(3_600_000))}&q=a&tail=1`)).toEqual([5]);
  });

  it('a client that leaves ends its search, and the log goes on', async () => {
    await using served = await serveLog({ lines: 5000 });
    {
      using left = await open(served.url('events?q=nowhere'));
      await left.until('hello', ({ events }) => events.length > 0);
    }
    await served.append(['the last']);
    expect((await ask(served.url('raw?q=last'))).body).toBe('the last\n');
  });

  it('says how far it has come where nothing is found', async () => {
    await using served = await serveLog({ lines: 3000 });
    using live = await open(served.url('events?q=nowhere'));
    await live.until('progress', ({ body }) => progressIn(body).at(-1)?.to === 3000);
    await served.append(['more']);
    await live.until('more progress', ({ body }) => progressIn(body).at(-1)?.to === 3001);
    expect(progressIn(live.body).at(-1)).toMatchObject({ scanned: 3001, of: 3001, matches: 0 });
    served.log.setStatus(exited);
    await live.whole();
  });

  it('for the last matches says all that it has looked at, and no more often than four times a second', async () => {
    await using served = await serveLog();
    const batch = 5000;
    for (let first = 1; first <= 200_000; first += batch) {
      await served.append(Array.from({ length: batch }, (_, i) => ((first + i) % 60_000 === 0 ? 'needle' : 'x')));
    }
    for (const [asked, atLeast] of [
      ['q=needle&tail=1', 80_001],
      ['q=needle&tail=2', 140_001],
      ['q=needle&tail=5', 200_000],
      ['q=nowhere&tail=1&regex=1', 200_000],
    ] as const) {
      const begun = performance.now();
      const { body } = await ask(served.url(`events?follow=0&${asked}`));
      const seconds = (performance.now() - begun) / 1000;
      const said = progressIn(body);
      expect({ asked, isAll: (said.at(-1)?.scanned ?? 0) >= atLeast }).toEqual({ asked, isAll: true });
      expect(said.length).toBeLessThanOrEqual(4 * Math.ceil(seconds));
    }
  });

  it('is cut off where it takes too long, so that it does not look complete', async () => {
    await using served = await serveLog({ lines: 5000, searchMs: 0 });
    for (const path of ['events?q=line&follow=0', 'events?q=line&tail=5&follow=0', 'raw?q=line&tail=5&follow=1']) {
      using stream = await open(served.url(path));
      await stream.until('the end', ({ end }) => end !== 'open');
      expect({ path, end: stream.end }).toEqual({ path, end: 'cut' });
    }
  });

  it('comes with the lines around the last matches, also where those are earlier matches', async () => {
    await using served = await serveLog();
    await served.append(['a', 'needle 1', 'b', 'needle 2', 'needle 3', 'needle 4', 'c', 'needle 5']);
    const found = async (text: string) =>
      shown(parseLines((await ask(served.url(`events?follow=0&q=needle&${text}`))).body)).map(({ id, isContext }) =>
        isContext ? -id : id,
      );
    expect(await found('context=1&tail=0')).toEqual([]);
    expect(await found('before=2&tail=1')).toEqual([-6, -7, 8]);
    expect(await found('before=2&tail=2')).toEqual([-4, -5, 6, -7, 8]);
    expect(await found('context=1&tail=4')).toEqual([-3, 4, 5, 6, -7, 8]);
    for (const tail of [5, 6]) expect(await found(`context=1&tail=${tail}`)).toEqual([-1, 2, -3, 4, 5, 6, -7, 8]);
    expect(await found('before=2&tail=1&from=7')).toEqual([-7, 8]);
    // What comes after an earlier match does not come for its sake.
    expect(await found('after=2&tail=1')).toEqual([8]);
    expect((await ask(served.url('raw?q=needle&tail=1&before=2'))).body).toBe('needle 4\nc\nneedle 5\n');
  });

  it('for the last match brings the whole record that it is in', async () => {
    await using served = await serveLog();
    const trace = ['Error: no route', '    at needle (/srv/a.js:1:1)', '    at needle (/srv/b.js:1:1)', '    at main'];
    await served.append(['needle', ...trace, 'after']);
    const { body } = await ask(served.url('events?follow=0&q=needle&record=1&tail=1'));
    expect(shown(parseLines(body)).map(({ id, isContext }) => [id, isContext])).toEqual([
      [2, true],
      [3, true],
      [4, false],
      [5, true],
    ]);
  });

  it('ends, and says what is missing, where the newest lines on the disk are not what was written', async () => {
    await using served = await serveLog({ lines: 100 });
    const path = served.url('events?q=line&regex=1&follow=0');
    // From now on the search thread knows the log up to there.
    expect(parseLines((await ask(path)).body)).toHaveLength(100);
    await served.append(['line of the last batch']);
    const segment = await newestSegment(served.log.journal.location as string);
    await flip(segment, readFileSync(segment).lastIndexOf('last batch'), 1);
    const { body } = await ask(path);
    expect(parseLines(body)).toHaveLength(100);
    const gaps = parseEvents(body).filter(({ type }) => type === 'gap');
    expect(gaps.map(({ data }) => JSON.parse(data))).toEqual([{ from: 101, to: 101, reason: 'damage' }]);
  });

  it('is passed over where it is for the last matches and more may come, and says so', async () => {
    await using served = await serveLog({ lines: 5000, searchMs: 0 });
    using stream = await open(served.url('events?q=line&tail=5'));
    await stream.until('the skip', ({ body }) => body.includes('event: skip'));
    await served.append(['line at last']);
    await stream.until('what comes then', ({ body }) => body.includes('data: line at last'));
  });

  it('holds no more than a megabyte of what comes before a match', async () => {
    await using served = await serveLog();
    for (let line = 0; line < 30; line++) await served.append(['x'.repeat(100_000)]);
    await served.append(['needle']);
    for (const follow of [0, 1]) {
      using stream = await open(served.url(`events?q=needle&before=10000&follow=${follow}`));
      await stream.until('the match', ({ ids }) => ids.includes(31));
      expect(stream.ids.slice(-6)).toEqual([26, 27, 28, 29, 30, 31]);
      expect(stream.ids.length).toBeLessThan(20);
    }
  });
});

describe('a search that begins before the first line', () => {
  it.each([0, 2, 100])('gets every line that is found, whatever tail it asks for: %i', async (tail) => {
    await using empty = await serveLog();
    using stream = await open(empty.url(`events?q=error&tail=${tail}`));
    await stream.until('hello', ({ events }) => events.length > 0);
    await empty.append(['error 1', 'error 2', 'other', 'error 4', 'error 5', 'error 6']);
    await stream.until('the last one', ({ events }) => events.some(({ data }) => data === 'error 6'));
    const lines = stream.events.filter(({ type }) => type === 'message');
    expect(lines.map(({ data }) => data)).toEqual(['error 1', 'error 2', 'error 4', 'error 5', 'error 6']);
  });

  it('and from a line that is not there yet, none before that', async () => {
    await using log = await serveLog({ lines: 10 });
    const { body } = await ask(log.url('events?from=15&tail=3&stream=stdout&follow=0'));
    expect(parseLines(body)).toEqual([]);
  });
});
