import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Origin } from '../../agent/words/line.ts';
import { type Selection, selectionText, selects } from '../../agent/words/selection.ts';
import type { StreamProgress } from '../../agent/words/wire.ts';
import { parseEvents, parseLines } from '../support/event-text.ts';
import { ask, open } from '../support/http-client.ts';
import { exited, type ServedLog, serveLog } from '../support/served-log.ts';

/** Where a client resumes: the id of the last event that has one. */
const resumesAt = (body: string) => parseEvents(body).findLast(({ id }) => id !== undefined)?.id;
const progressIn = (body: string) =>
  parseEvents(body)
    .filter(({ type }) => type === 'progress')
    .map(({ id, data }) => ({ id: Number(id), ...(JSON.parse(data) as StreamProgress) }));

interface Query {
  from?: number;
  to?: number;
  tail?: number;
  limit?: number;
  lastEventId?: number;
}

interface KnownLine {
  id: number;
  text: string;
  origin: Origin;
}

/** What docs/http-api.md says that a query without following gets. */
function expectedOf(lines: readonly KnownLine[], selection: Selection, query: Query): KnownLine[] {
  const isSelected = selects(selection);
  const { to = Number.POSITIVE_INFINITY, limit = Number.POSITIVE_INFINITY, tail, lastEventId } = query;
  let wanted = lines.filter(({ id, origin }) => id <= to && isSelected(origin, 'a'));
  if (lastEventId !== undefined) wanted = wanted.filter(({ id }) => id > lastEventId);
  else if (query.from !== undefined) wanted = wanted.filter(({ id }) => id >= (query.from as number));
  if (lastEventId === undefined && tail !== undefined) wanted = tail === 0 ? [] : wanted.slice(-tail);
  return wanted.slice(0, limit);
}

const origins: Omit<Origin, 'time'>[] = [
  {},
  { stream: 'stderr' },
  { source: 'b' },
  { source: 'b', stream: 'stderr' },
  { source: 'c,d & e' },
  { source: 'b', kind: 'notice' },
];

describe('any query of a log of several sources', () => {
  let served: ServedLog;
  let lines: KnownLine[] = [];

  beforeAll(async () => {
    served = await serveLog();
    for (const name of ['a', 'b', 'c,d & e']) served.log.addSource(name);
    const batches = fc.sample(
      fc.array(fc.record({ origin: fc.constantFrom(...origins), count: fc.integer({ min: 1, max: 9 }) }), {
        maxLength: 4,
      }),
      { seed: 20, numRuns: 120 },
    );
    for (const { origin, count } of batches.flat()) await served.append(Array(count).fill('x'), origin);
    await served.append(['the last'], { source: 'b' });
    lines = parseLines((await ask(served.url('events?follow=0'))).body);
    expect(lines.length).toBeGreaterThan(500);
  });
  afterAll(() => served[Symbol.asyncDispose]());

  it('gets the lines that it selects, each under its origin, and resumes behind them', async () => {
    const last = lines.length;
    const id = fc.integer({ min: 1, max: last + 20 });
    const query: fc.Arbitrary<Query> = fc
      .record(
        {
          from: id,
          to: id,
          tail: fc.integer({ min: 0, max: 60 }),
          limit: fc.integer({ min: 1, max: 60 }),
          lastEventId: fc.nat(last),
        },
        { requiredKeys: [] },
      )
      .filter(({ from = 1, to = Number.POSITIVE_INFINITY }) => from <= to);
    const names = fc.subarray(['a', 'b', 'c,d & e', 'nobody']);
    const selection: fc.Arbitrary<Selection> = fc
      .record(
        {
          source: names,
          hide: fc.subarray(['a', 'b'], { minLength: 1 }),
          stream: fc.constantFrom(['stderr' as const], ['stdout' as const]),
        },
        { requiredKeys: [] },
      )
      .filter((some) => Object.keys(some).length > 0);

    const property = fc.asyncProperty(query, selection, async (asked, selected) => {
      const numbers = Object.entries(asked).map(([name, value]) => `${name}=${value}`);
      const url = served.url(`events?follow=0&${[...numbers, selectionText(selected)].join('&')}`);
      const response = await ask(url);
      const expected = expectedOf(lines, selected, asked);
      if (response.status === 204) {
        expect(expected).toEqual([]);
        return;
      }
      expect(parseLines(response.body)).toEqual(expected);
      const isLimited = expected.length === asked.limit;
      const end = isLimited ? (expected.at(-1)?.id as number) : Math.min(asked.to ?? last, last);
      const start = Math.max(asked.lastEventId ?? 0, asked.lastEventId === undefined ? (asked.from ?? 1) - 1 : 0);
      if (end > start) expect(Number(resumesAt(response.body))).toBe(end);
    });
    await fc.assert(property, { numRuns: 100 });
  });

  it('gets the same as text', async () => {
    const { body } = await ask(served.url('raw?source=b&stream=stderr&tail=3'));
    expect(body).toBe('x\nx\nx\n');
    expect((await ask(served.url('raw?source=nobody'))).body).toBe('');
    expect((await ask(served.url('raw?source=b&tail=1'))).body).toBe('the last\n');
  });

  it.each([
    ['events?stream=both', 'stream', 'both'],
    ['events?stream=', 'stream', ''],
    ['raw?stream=1', 'stream', '1'],
    ['raw?level=loud', 'level', 'loud'],
    ['events?q=x&word=yes', 'word', 'yes'],
  ])('that can not be answered as asked is refused: %s', async (path, parameter, given) => {
    const response = await ask(served.url(path));
    expect(response.status).toBe(400);
    expect(JSON.parse(response.body)).toMatchObject({ parameter, given });
  });
});

describe('the last lines of a source that is silent for long', () => {
  it('are found far back, and a log without any is looked through once', async () => {
    await using served = await serveLog();
    await served.append(['needle 1', 'needle 2'], { source: 'rare' });
    await served.appendNumbered(30_000, 500);
    const found = await ask(served.url('events?follow=0&tail=1&source=rare'));
    expect(parseLines(found.body).map(({ id, text }) => ({ id, text }))).toEqual([{ id: 2, text: 'needle 2' }]);
    expect(resumesAt(found.body)).toBe('30002');
    const none = await ask(served.url('events?follow=0&tail=5&source=nobody'));
    expect(none.ids).toEqual([]);
    expect(progressIn(none.body)).toEqual([{ id: 30_002, to: 30_002 }]);
  });
});

describe('a live stream of some sources', () => {
  it('gets their lines only, and is told how far it is where there is none', async () => {
    await using served = await serveLog({ pingMs: 50 });
    using stream = await open(served.url('events?source=b'));
    await served.append(['one'], { source: 'a' });
    await stream.until('progress', ({ body }) => progressIn(body).some(({ to }) => to === 1));
    served.log.addSource('b');
    await served.append(['two', 'three'], { source: 'b' });
    await stream.until('the lines', ({ ids }) => ids.length === 2);
    await served.append(['four'], { source: 'a' });
    await stream.until('more progress', ({ body }) => resumesAt(body) === '4');
    expect(stream.ids).toEqual([2, 3]);
    expect(progressIn(stream.body).flatMap(({ sources = [] }) => sources)).toEqual(['b']);
  });

  it('resumes from what it was told, also where it was given nothing', async () => {
    await using served = await serveLog();
    await served.append(['one'], { source: 'a' });
    await served.append(['two'], { source: 'b' });
    const first = await ask(served.url('events?source=c&follow=0'));
    expect(resumesAt(first.body)).toBe('2');
    await served.append(['three'], { source: 'c' });
    const second = await ask(served.url('events?source=c&follow=0'), { headers: { 'last-event-id': '2' } });
    expect(second.ids).toEqual([3]);
    served.log.setStatus(exited);
    const third = await ask(served.url('events?source=c'), { headers: { 'last-event-id': '3' } });
    expect(third.status).toBe(204);
  });

  it('ends a finished log with its status, whatever its last lines are', async () => {
    await using served = await serveLog();
    await served.append(['one'], { source: 'a' });
    served.log.setStatus(exited);
    const { events } = await ask(served.url('events?source=b'));
    expect(events.map(({ type }) => type)).toEqual(['hello', 'progress', 'status', 'end']);
  });

  it('hears nothing of what is not a line yet of the others', async () => {
    await using served = await serveLog();
    using stream = await open(served.url('events?source=b&stream=stderr'));
    await stream.until('hello', ({ events }) => events.length > 0);
    served.log.setPartial({ source: 'a', stream: 'stderr', rows: ['no'] });
    served.log.setPartial({ source: 'b', rows: ['no'] });
    served.log.setPartial({ source: 'b', stream: 'stderr', rows: ['yes'] });
    await stream.until('a partial', ({ events }) => events.some(({ type }) => type === 'partial'));
    using late = await open(served.url('events?source=b&stream=stderr'));
    await late.until('a partial', ({ events }) => events.some(({ type }) => type === 'partial'));
    for (const { events } of [stream, late]) {
      const partials = events.filter(({ type }) => type === 'partial').map(({ data }) => JSON.parse(data).rows);
      expect(partials).toEqual([['yes']]);
    }
  });

  it('passes over none of its lines because of the noise of others', async () => {
    await using served = await serveLog();
    using stream = await open(served.url('events?source=rare&skim=20&tail=10'));
    for (let round = 1; round <= 15; round++) {
      await served.append(Array(2000).fill('noise'), { source: 'loud' });
      await served.append([`rare ${round}`], { source: 'rare' });
    }
    await stream.until('all of them', ({ ids }) => ids.length === 15);
    expect(stream.ids).toEqual(Array.from({ length: 15 }, (_, at) => (at + 1) * 2001));
    expect(stream.events.map(({ type }) => type)).not.toContain('skip');
  });

  it('is told what of its own lines is passed over', async () => {
    await using served = await serveLog();
    using stream = await open(served.url('events?source=loud&skim=10&tail=10'));
    await stream.until('hello', ({ events }) => events.length > 0);
    for (let round = 0; round < 5; round++) {
      await served.append(Array(500).fill('noise'), { source: 'loud' });
      await served.append(Array(500).fill('other'), { source: 'other' });
    }
    await served.append(['end'], { source: 'loud' });
    await stream.until('the newest', ({ ids }) => ids.at(-1) === 5001);
    const skips = stream.events.filter(({ type }) => type === 'skip').map(({ data }) => JSON.parse(data));
    expect(skips.length).toBeGreaterThan(0);
    const isSkipped = (id: number) => skips.some(({ from, to }) => id >= from && id <= to);
    const given = new Set(stream.ids);
    for (let id = 1; id <= 5001; id++) {
      const isLoud = id === 5001 || (id - 1) % 1000 < 500;
      expect(given.has(id), `line ${id}`).toBe(isLoud && !isSkipped(id));
    }
  });
});
