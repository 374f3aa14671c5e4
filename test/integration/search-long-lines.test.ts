import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '../../agent/frame/block.ts';
import { createBatchBuilder } from '../../agent/frame/encode.ts';
import type { FoundLog, Histogram } from '../../agent/words/finding.ts';
import type { Origin } from '../../agent/words/line.ts';
import type { StreamProgress } from '../../agent/words/wire.ts';
import { readHits } from '../../web/finding/read-hits.ts';
import { readEvents } from '../../web/stream/read-events.ts';
import { parseEvents, parseLines, type WireLine } from '../support/event-text.ts';
import { ask, open } from '../support/http-client.ts';
import { exited, type ServedLog, serveLog } from '../support/served-log.ts';

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
    /** Each in a batch of its own. */
    async say(pieces: readonly Piece[]) {
      for (const { speaker, text, isContinued } of pieces) {
        builder.origin({ time: Date.now(), ...speakers[speaker], ...(isContinued && { continued: true }) });
        builder.line(Buffer.from(text), 0, Buffer.byteLength(text));
        await log.journal.append(builder.take() as Batch);
      }
    },
    end: () => log.setStatus(exited),
    [Symbol.asyncDispose]: () => log.close(),
  };
}

const inPieces = (...texts: string[]): Piece[] =>
  texts.map((text, i) => ({ speaker: 0, text, isContinued: i < texts.length - 1 }));

const neverAborted = new AbortController().signal;
const idsIn = (body: string) => parseLines(body).map(({ id }) => id);
const shown = (lines: readonly WireLine[]) =>
  lines.map(({ id, text, origin: { context = false, continued = false } }) => ({ id, text, context, continued }));
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

describe('a line in pieces', () => {
  it.each([
    ['q=needle', [1, 2, 3, 4], 2],
    ['q=needle&not=end', [1], 1],
    ['q=begin&q=end', [2, 3, 4], 1],
    ['q=%5Ebegin.*end%24&regex=1', [2, 3, 4], 1],
    ['q=%5Ewithout&regex=1', [], 0],
    ['q=n&limit=2', [1, 2, 3, 4], 2],
    ['q=begin&tail=1', [6, 7], 1],
    ['q=begin&tail=2', [2, 3, 4, 6, 7], 2],
    ['q=between&context=1', [2, 3, 4, 5, 6, 7], 1],
    ['not=needle', [5, 6, 7, 8], 3],
  ])('is one line of a search: %s', async (asked, ids, matches) => {
    await using served = await createLog();
    await served.say(log);
    served.end();
    const { body } = await ask(served.url(`events?follow=0&${asked}`));
    expect(idsIn(body)).toEqual(ids);
    expect(matchesIn(body)).toBe(matches);
    const data = await ask(served.url(`events?format=ndjson&follow=0&${asked}`));
    expect(
      data.body
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).id),
    ).toEqual(ids);
    const csv = await ask(served.url(`events?format=csv&follow=0&${asked}`));
    expect(
      csv.body
        .split('\r\n')
        .slice(1, -1)
        .map((row) => Number.parseInt(row, 10)),
    ).toEqual(ids);
    const raw = await ask(served.url(`raw?${asked}`));
    const texts = log.map(({ text, isContinued }) => text + (isContinued ? '' : '\n'));
    expect(raw.body).toBe(ids.map((id) => texts[id - 1]).join(''));
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
    expect(found?.lines.map(({ id }) => id)).toEqual([1, 3]);
  });

  it('is one hit on the page: the piece in which the match ends', async () => {
    await using one = await createLog();
    await one.say(log);
    one.end();
    const patterns = { pattern: { text: 'needle', regex: false, case: false, word: false }, also: [] };
    const hits: number[] = [];
    const end = await readHits(readEvents, one.url('events?follow=0&q=needle'), patterns, neverAborted, ({ ids }) =>
      hits.push(...ids),
    );
    expect(end.how).toBe('done');
    expect(hits).toEqual([1, 3]);
  });

  it('comes to whoever resumes in it', async () => {
    await using one = await createLog();
    await one.say(log);
    one.end();
    for (const at of [1, 2, 3, 4]) {
      const asked = 'events?follow=0&q=begin&q=end';
      const { body } = await ask(one.url(asked), { headers: { 'Last-Event-ID': String(at) } });
      expect(idsIn(body)).toEqual([2, 3, 4].filter((id) => id > at));
    }
  });

  it('comes as one to a program that prints lines, and as context where nothing of it is found', async () => {
    await using one = await createLog();
    await one.say(log);
    one.end();
    const { body } = await ask(one.url('events?follow=0&q=end'));
    expect(shown(parseLines(body)).map(({ id, context }) => [id, context])).toEqual([
      [2, true],
      [3, true],
      [4, false],
    ]);
  });
});

const said = fc
  .array(
    fc.record({
      speaker: fc.nat(1),
      texts: fc.array(fc.constantFrom('nee', 'dle', 'needle', 'x', ' ', ''), { minLength: 1, maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((lines) =>
    lines.flatMap(({ speaker, texts }) => inPieces(...texts).map((piece): Piece => ({ ...piece, speaker }))),
  );
const asked = fc
  .record(
    {
      q: fc.constantFrom('needle', 'x', '^needle', 'dle$', '^x*$'),
      not: fc.constantFrom('xx', 'needle'),
      stream: fc.constantFrom('stdout', 'stderr'),
      limit: fc.integer({ min: 1, max: 4 }),
      context: fc.nat(2),
      tail: fc.integer({ min: 1, max: 3 }),
    },
    { requiredKeys: ['q'] },
  )
  .map((given) => new URLSearchParams({ regex: '1', ...given } as unknown as Record<string, string>).toString());

describe('a live search', () => {
  it('gets lines in pieces as the same search of the finished log does', async () => {
    await fc.assert(
      fc.asyncProperty(said, asked, async (pieces, asked) => {
        const live = asked.replace(/&?tail=\d/, '');
        await using one = await createLog();
        using stream = await open(one.url(`events?${live}`));
        await stream.until('hello', ({ events }) => events.some(({ type }) => type === 'hello'));
        await one.say(pieces);
        one.end();
        const lines = shown(parseLines(await stream.whole()));
        expect(lines).toEqual(shown(parseLines((await ask(one.url(`events?follow=0&${live}`))).body)));
      }),
      { numRuns: 60 },
    );
  });

  it('gets each piece once, also where its connection is cut in between', async () => {
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
      { numRuns: 60 },
    );
  });

  it('does not wait for long where somebody has stopped in the middle of a line', async () => {
    await using one = await createLog();
    await one.say([{ speaker: 0, text: 'a needle', isContinued: true }]);
    await one.say([{ speaker: 1, text: 'needle', isContinued: false }]);
    using stream = await open(one.url('events?q=needle'));
    await stream.until('what was there', ({ ids }) => ids.length === 2);
    await one.say([{ speaker: 0, text: 'another', isContinued: true }]);
    await one.say([{ speaker: 1, text: 'one more needle', isContinued: false }]);
    await stream.until('what came', ({ ids }) => ids.includes(4));
    await one.say(inPieces('needle'));
    one.end();
    await stream.whole();
    expect(stream.ids).toEqual([1, 2, 4, 5]);
  });

  it('gets what is there of a line when the log ends, or its range', async () => {
    await using one = await createLog();
    using stream = await open(one.url('events?q=needle'));
    using range = await open(one.url('events?q=needle&to=2'));
    for (const each of [stream, range]) await each.until('hello', ({ events }) => events.length > 0);
    await one.say([...inPieces('up'), { speaker: 0, text: 'a needle', isContinued: true }]);
    expect(idsIn(await range.whole())).toEqual([2]);
    one.end();
    expect(idsIn(await stream.whole())).toEqual([2]);
  });

  it('comes back for a line that it was not sent, as the agent stopped when the log ended', async () => {
    await using one = await serveLog();
    await one.append(['needle']);
    await one.append(['a needle'], { continued: true });
    using stream = await open(one.url('events?q=needle'));
    await stream.until('what was there', ({ ids }) => ids.length === 1);
    one.log.setStatus(exited);
    await one.server.close();
    const named = parseEvents(await stream.whole());
    expect(named.findLast(({ id }) => id !== undefined)?.id).toBe('1');
    expect(named.map(({ type }) => type)).not.toContain('end');
  });
});
