import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '../../agent/frame/block.ts';
import { createBatchBuilder } from '../../agent/frame/encode.ts';
import type { FoundLog, Histogram } from '../../agent/words/finding.ts';
import type { Origin } from '../../agent/words/line.ts';
import type { StreamProgress } from '../../agent/words/wire.ts';
import { parseEvents, parseLines, type WireLine } from '../support/event-text.ts';
import { ask, open } from '../support/http-client.ts';
import { exited, type ServedLog, serveLog } from '../support/served-log.ts';
import { amountOf } from '../support/sweep.ts';

const speakers: readonly Partial<Origin>[] = [{}, { stream: 'stderr' }];

interface Piece {
  speaker: number;
  text: string;
  isContinued: boolean;
}

let served: ServedLog;
beforeAll(async () => {
  served = await serveLog();
});
afterAll(() => served[Symbol.asyncDispose]());

async function createLog(name = 'run') {
  const log = await served.store.create({ kind: 'command', name, cwd: served.dir });
  log.addSource('default');
  const builder = createBatchBuilder(1);
  return {
    id: log.info.id,
    url: (path: string) => served.url(`logs/${log.info.id}/${path}`),
    /** @param inBatch so many in each batch */
    async say(pieces: readonly Piece[], inBatch = 1) {
      for (const [at, { speaker, text, isContinued }] of pieces.entries()) {
        builder.origin({ time: Date.now(), ...speakers[speaker], ...(isContinued && { continued: true }) });
        builder.line(Buffer.from(text), 0, Buffer.byteLength(text));
        if ((at + 1) % inBatch === 0) await log.journal.append(builder.take() as Batch);
      }
      const rest = builder.take();
      if (rest !== undefined) await log.journal.append(rest);
    },
    end: () => log.setStatus(exited),
    [Symbol.asyncDispose]: () => log.close(),
  };
}

const inPieces = (...texts: string[]): Piece[] =>
  texts.map((text, i) => ({ speaker: 0, text, isContinued: i < texts.length - 1 }));

const idsIn = (body: string) => parseLines(body).map(({ id }) => id);
const shown = (lines: readonly WireLine[]) =>
  lines.map(({ id, text, origin: { context = false, stream, firstId } }) => ({ id, text, context, stream, firstId }));
const matchesIn = (body: string) =>
  parseEvents(body)
    .filter(({ type }) => type === 'progress')
    .map(({ data }) => (JSON.parse(data) as StreamProgress).matches)
    .at(-1);

/** Lines 1 to 8; those from 2 to 4 and from 6 to 7 are one. */
const log = [
  ...inPieces('first needle'),
  ...inPieces('begin nee', 'dle, and then ', 'the end'),
  ...inPieces('between'),
  ...inPieces('begin ', 'without'),
  ...inPieces('last'),
];
const texts = new Map([
  [1, 'first needle'],
  [4, 'begin needle, and then the end'],
  [5, 'between'],
  [7, 'begin without'],
  [8, 'last'],
]);

describe('a line in pieces', () => {
  it.each([
    ['q=needle', [1, 4], 2],
    ['q=needle&not=end', [1], 1],
    ['q=begin&q=end', [4], 1],
    ['q=%5Ebegin.*end%24&regex=1', [4], 1],
    ['q=%5Ewithout&regex=1', [], 0],
    ['q=n&limit=2', [1, 4], 2],
    ['q=begin&tail=1', [7], 1],
    ['q=begin&tail=2', [4, 7], 2],
    ['q=between&context=1', [4, 5, 7], 1],
    ['not=needle', [5, 7, 8], 3],
    ['q=begin&from=3&to=5', [4], 1],
  ])('is one line of a search: %s', async (asked, ids, matches) => {
    await using served = await createLog();
    await served.say(log);
    served.end();
    const { body } = await ask(served.url(`events?follow=0&${asked}`));
    expect(shown(parseLines(body)).map(({ id, text }) => [id, text])).toEqual(ids.map((id) => [id, texts.get(id)]));
    expect(matchesIn(body)).toBe(matches);
    const data = await ask(served.url(`events?format=ndjson&follow=0&${asked}`));
    const rows = data.body.split('\n').filter(Boolean);
    expect(rows.map((row) => JSON.parse(row)).map(({ id, text }) => [id, text])).toEqual(
      ids.map((id) => [id, texts.get(id)]),
    );
    const csv = await ask(served.url(`events?format=csv&follow=0&${asked}`));
    const csvRows = csv.body.split('\r\n').slice(1, -1);
    expect(csvRows.map((row) => Number.parseInt(row, 10))).toEqual(ids);
    const raw = await ask(served.url(`raw?${asked}`));
    expect(raw.body).toBe(ids.map((id) => `${texts.get(id)}\n`).join(''));
    const counted = await ask(served.url(`histogram?${asked.replace(/&(limit|tail|context)=\d/, '')}`));
    if (!/limit|tail/.test(asked)) expect((JSON.parse(counted.body) as Histogram).lines).toBe(matches);
  });

  it('is one of the hits in a log', async () => {
    await using one = await createLog();
    await one.say(log);
    one.end();
    const { body } = await ask(served.url('logs?q=needle'));
    const found = (JSON.parse(body) as FoundLog[]).find(({ id }) => id === one.id);
    expect(found?.hits).toBe(2);
    // The rows of the page to which a reader goes from here.
    expect(found?.lines.map(({ id }) => id)).toEqual([1, 3]);
  });

  it('comes to whoever resumes in it', async () => {
    await using one = await createLog();
    await one.say(log);
    one.end();
    for (const at of [1, 2, 3, 4]) {
      const asked = 'events?follow=0&q=begin&q=end';
      const { body } = await ask(one.url(asked), { headers: { 'Last-Event-ID': String(at) } });
      expect(idsIn(body)).toEqual([4].filter((id) => id > at));
    }
  });

  it('is as it is there in a range that ends within it, whatever comes later', async () => {
    await using one = await createLog();
    const ask6 = async () =>
      shown(parseLines((await ask(one.url('events?q=begin&from=3&to=6'))).body)).map(({ id, text }) => [id, text]);
    await one.say(log.slice(0, 6));
    const asked = [
      [4, texts.get(4)],
      [6, 'begin '],
    ];
    expect(await ask6()).toEqual(asked);
    await one.say(log.slice(6));
    expect(await ask6()).toEqual(asked);
    one.end();
    expect(await ask6()).toEqual(asked);
  });

  it('is plain text in one, also where it was looked at in parts', async () => {
    await using one = await createLog();
    const pieces = Array.from({ length: 40 }, (_, i) => `p${i + 1};`);
    await one.say([...inPieces(...pieces), ...inPieces('after;')]);
    one.end();
    expect((await ask(one.url('raw?q=;'))).body).toBe(`${pieces.join('')}\nafter;\n`);
    // The part in the middle is not found.
    const [first, , last] = [pieces.slice(0, 16), pieces.slice(16, 32), pieces.slice(32)].map((some) => some.join(''));
    expect((await ask(one.url('raw?q=;&not=p20;'))).body).toBe(`${first}\n${last}\nafter;\n`);
    const { body } = await ask(one.url('events?format=ndjson&follow=0&q=;'));
    const rows = body.split('\n').filter(Boolean);
    expect(rows.map((row) => JSON.parse(row)).map(({ id, firstId, part }) => [id, firstId, part])).toEqual([
      [16, 1, true],
      [32, 17, true],
      [40, 33, undefined],
      [41, undefined, undefined],
    ]);
  });

  it('that never ends is found in a range of a finished log', async () => {
    await using one = await createLog();
    await one.say([...inPieces('up'), { speaker: 0, text: 'a needle', isContinued: true }]);
    await one.say(Array.from({ length: 5 }, () => ({ speaker: 1, text: 'other', isContinued: false })));
    one.end();
    for (const asked of ['q=needle', 'q=needle&to=4', 'q=need.*&regex=1&to=4', 'q=needle&tail=1&to=6']) {
      expect(idsIn((await ask(one.url(`events?follow=0&${asked}`))).body)).toEqual([2]);
    }
    expect((JSON.parse((await ask(one.url('histogram?q=needle&to=4'))).body) as Histogram).lines).toBe(1);
  });

  it('is as it is kept for whoever asks for pieces', async () => {
    await using one = await createLog();
    await one.say(log);
    one.end();
    const { body } = await ask(one.url('events?follow=0&pieces=1&q=needle'));
    expect(shown(parseLines(body)).map(({ id, text }) => [id, text])).toEqual([
      [1, 'first needle'],
      [3, 'dle, and then '],
    ]);
    const { status, body: refusal } = await ask(one.url('events?pieces=yes&q=needle'));
    expect([status, refusal]).toEqual([400, expect.stringContaining('Parameter pieces: expected 1 or 0')]);
  });
});

const said = fc
  .array(
    fc.record({
      speaker: fc.nat(1),
      texts: fc.array(fc.constantFrom('nee', 'dle', 'needle', 'x', ' ', 'error: x', ''), {
        minLength: 1,
        maxLength: 4,
      }),
      // What is announced is looked at in slices of 64 KiB.
      isLong: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((lines) =>
    lines.flatMap(({ speaker, texts, isLong }) =>
      inPieces(...texts.map((text) => text + (isLong ? 'y'.repeat(40_000) : ''))).map(
        (piece): Piece => ({ ...piece, speaker }),
      ),
    ),
  );
const inBatch = fc.constantFrom(1, 2, 5, 100);
const asked = fc
  .record(
    {
      q: fc.constantFrom('needle', 'x', '^needle', 'dle$', '^x*$'),
      not: fc.constantFrom('xx', 'needle'),
      stream: fc.constantFrom('stdout', 'stderr'),
      limit: fc.integer({ min: 1, max: 4 }),
      context: fc.nat(2),
      tail: fc.integer({ min: 1, max: 3 }),
      level: fc.constant('error'),
    },
    { requiredKeys: [] },
  )
  .map((given) =>
    new URLSearchParams({ regex: '1', not: 'nobody', ...given } as unknown as Record<string, string>).toString(),
  );

describe('a live search', () => {
  it('gets lines in pieces as the same search of the finished log does', async () => {
    await fc.assert(
      fc.asyncProperty(said, asked, inBatch, async (pieces, asked, inBatch) => {
        const live = asked.replace(/&?tail=\d/, '');
        await using one = await createLog();
        using stream = await open(one.url(`events?${live}`));
        await stream.until('hello', ({ events }) => events.some(({ type }) => type === 'hello'));
        await one.say(pieces, inBatch);
        one.end();
        const lines = shown(parseLines(await stream.whole()));
        expect(lines).toEqual(shown(parseLines((await ask(one.url(`events?follow=0&${live}`))).body)));
      }),
      { numRuns: amountOf(40, 1000) },
    );
  });

  it('that begins within a line gets all of it', async () => {
    await fc.assert(
      fc.asyncProperty(said, said, asked, fc.boolean(), async (first, second, asked, hasTail) => {
        const all = asked.replace(/&?(limit|tail)=\d/g, '');
        await using one = await createLog();
        await one.say(first.map((piece, i) => (i === first.length - 1 ? { ...piece, isContinued: true } : piece)));
        using stream = await open(one.url(`events?${all}${hasTail ? '&tail=0' : ''}`));
        await stream.until('hello', ({ events }) => events.some(({ type }) => type === 'hello'));
        if (!hasTail)
          await stream.until('what was there', ({ events }) => events.some(({ type }) => type === 'progress'));
        // One that never ends is not sent once others were.
        await one.say([...second, { speaker: first.at(-1)?.speaker ?? 0, text: 'its end', isContinued: false }]);
        one.end();
        const lines = shown(parseLines(await stream.whole()));
        const whole = shown(parseLines((await ask(one.url(`events?follow=0&${all}`))).body));
        const later = ({ id }: { id: number }) => id > first.length;
        if (hasTail)
          expect(lines.filter(({ context }) => !context)).toEqual(whole.filter((line) => !line.context && later(line)));
        else expect(lines).toEqual(whole);
      }),
      { numRuns: amountOf(40, 1000) },
    );
  });

  it('gets each line once, also where its connection is cut in between', async () => {
    await fc.assert(
      fc.asyncProperty(said, said, asked, fc.nat(), async (first, second, asked, cut) => {
        const all = asked.replace(/&?(limit|tail)=\d/g, '');
        await using one = await createLog();
        await one.say(first.map((piece, i) => (i === first.length - 1 ? { ...piece, isContinued: true } : piece)));
        using stream = await open(one.url(`events?${all}`));
        await stream.until('what was there', ({ events }) => events.some(({ type }) => type === 'progress'));
        const ids = parseEvents(stream.body).flatMap(({ id }) => (id === undefined ? [] : [Number(id)]));
        const at = ids[cut % Math.max(1, ids.length)] ?? 0;
        const seen = parseLines(stream.body).filter(({ id }) => id <= at);
        await one.say(second);
        one.end();
        const rest = await ask(one.url(`events?${all}`), { headers: { 'Last-Event-ID': String(at) } });
        const whole = await ask(one.url(`events?follow=0&${all}`));
        expect([...shown(seen), ...shown(parseLines(rest.body))]).toEqual(shown(parseLines(whole.body)));
      }),
      { numRuns: amountOf(40, 1000) },
    );
  });

  it('gets other lines at once where somebody has stopped in the middle of one', async () => {
    for (const asked of ['q=needle', 'q=need.*&regex=1', 'q=needle&context=1']) {
      await using one = await createLog();
      await one.say([{ speaker: 0, text: 'a nee', isContinued: true }]);
      await one.say([{ speaker: 1, text: 'needle', isContinued: false }]);
      using stream = await open(one.url(`events?${asked}`));
      await stream.until('what was there', ({ ids }) => ids.includes(2));
      await one.say([{ speaker: 0, text: 'dle, and', isContinued: true }]);
      await one.say([{ speaker: 1, text: 'one more needle', isContinued: false }]);
      await stream.until('what came', ({ ids }) => ids.includes(4));
      await one.say(inPieces('and more'));
      one.end();
      expect(shown(parseLines(await stream.whole())).map(({ id, text }) => [id, text])).toEqual([
        [2, 'needle'],
        [4, 'one more needle'],
        [5, 'a needle, andand more'],
      ]);
    }
  });

  it('gets what is there of a line when the log ends', async () => {
    for (const asked of ['q=needle', 'q=need.*&regex=1', 'q=needle&context=1']) {
      await using one = await createLog();
      using stream = await open(one.url(`events?${asked}`));
      await stream.until('hello', ({ events }) => events.length > 0);
      await one.say([...inPieces('up needle'), { speaker: 0, text: 'a needle', isContinued: true }]);
      await stream.until('the first line', ({ ids }) => ids.includes(1));
      one.end();
      expect(idsIn(await stream.whole())).toEqual([1, 2]);
    }
  });
});
