import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Hello, Skip, Status } from '../../agent/words/wire.ts';
import { until, within } from '../support/deadline.ts';
import { parseEvents, parseLines, type WireEvent } from '../support/event-text.ts';
import { ask, connectBare, countLines, open, type Streaming } from '../support/http-client.ts';
import { watchBySocket } from '../support/line-watchers.ts';
import { exited, type ServedLog, serveLog } from '../support/served-log.ts';

const idsFrom = (from: number, to: number) => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
const dataOf = <Data>(event: WireEvent | undefined) => JSON.parse(event?.data ?? 'null') as Data;
const named = ({ events }: Streaming, type: string) => events.filter((event) => event.type === type);

/** A stream that has caught up with its log. */
async function follow(served: ServedLog, parameters = ''): Promise<Streaming> {
  const stream = await open(served.url(`events?${parameters}`));
  await stream.until('hello', ({ events }) => events.length > 0);
  await until('the end of the backlog', () => stream.ids.at(-1) === served.log.journal.lastId || parameters !== '');
  return stream;
}

describe('live', () => {
  it('lines come as they are appended, each under its origin', async () => {
    await using served = await serveLog({ lines: 3 });
    using stream = await follow(served);
    await served.append(['out']);
    await served.append(['err'], { stream: 'stderr', time: 5 });
    await stream.until('both', ({ ids }) => ids.length === 5);
    expect(stream.ids).toEqual([1, 2, 3, 4, 5]);
    expect(dataOf(named(stream, 'origin').at(-1))).toEqual({ time: 5, stream: 'stderr' });
  });

  it('a batch larger than a socket buffer comes whole', async () => {
    await using served = await serveLog({ lines: 1 });
    using one = await follow(served);
    using other = await follow(served);
    for (let i = 0; i < 5; i++) await served.append(Array(1000).fill('x'.repeat(1000)));
    for (const stream of [one, other]) {
      await stream.until('all of it', ({ body }) => body.includes('\nid: 5001\n'));
      expect(stream.ids).toEqual(idsFrom(1, 5001));
    }
  });

  it('a burst comes whole, though a client of it is slow and another one leaves', async () => {
    await using served = await serveLog({ lines: 1 });
    using quick = await follow(served);
    using slow = await follow(served);
    const leaving = await follow(served);
    for (let batch = 0; batch < 40; batch++) {
      const firstId = served.log.journal.lastId + 1;
      await served.append(Array.from({ length: 3000 }, (_, at) => `line ${firstId + at} ${'x'.repeat(120)}`));
      // Longer than what comes meanwhile has room in the sockets.
      if (batch === 5) slow.pause();
      if (batch === 35) slow.resume();
      if (batch === 10) leaving[Symbol.dispose]();
    }
    served.log.setStatus(exited);
    for (const stream of [quick, slow]) {
      const lines = parseLines(await stream.whole());
      expect(lines.map(({ id }) => id)).toEqual(idsFrom(1, 120_001));
      expect(lines.find(({ id, text }) => Number.parseInt(text.slice('line '.length), 10) !== id)).toBeUndefined();
    }
  });

  it('clients that connect while lines come miss none', async () => {
    await using served = await serveLog({ lines: 10 });
    let isOver = false;
    const writing = (async () => {
      while (!isOver) {
        await served.appendNumbered(20, 3);
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const streams: Streaming[] = [];
    for (let i = 0; i < 30; i++) streams.push(await open(served.url('events?tail=5')));
    isOver = true;
    await writing;
    served.log.setStatus(exited);
    for (const stream of streams) {
      await stream.whole();
      expect(stream.ids).toEqual(idsFrom(stream.ids[0] as number, served.log.journal.lastId));
    }
  });

  it('HTTP/1.0, which has no chunks, gets the same bytes', async () => {
    await using served = await serveLog({ lines: 2 });
    using client = await connectBare(served.server.port, 'GET /events HTTP/1.0\r\nHost: localhost\r\n\r\n');
    await until('the backlog', () => client.received.includes('line 2'));
    await served.append(['live']);
    await until('the live line', () => client.received.includes('live'));
    expect(client.received.toLowerCase()).not.toContain('transfer-encoding');
    expect(parseEvents(client.received.split('\r\n\r\n')[1] as string).at(-1)).toMatchObject({ id: '3', data: 'live' });
  });

  it('a request that waits behind another on its connection is answered in its turn', async () => {
    await using served = await serveLog({ lines: 2 });
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    using client = await connectBare(served.server.port, get('/events?follow=0') + get('/events'));
    await until('both', () => client.received.split('event: hello').length === 3);
    await served.append(['live']);
    await until('the live line', () => client.received.includes('data: live'));
    expect(client.received.split('HTTP/1.1 200').length).toBe(3);
  });
});

describe('status', () => {
  it('comes on change, after all lines before it', async () => {
    await using served = await serveLog({ lines: 1, info: { kind: 'file' } });
    using stream = await follow(served);
    await served.append(['a']);
    served.log.setStatus({ state: 'following' });
    await served.append(['b']);
    served.log.setStatus({ state: 'waiting' });
    await stream.until('both', (s) => named(s, 'status').length === 2);
    const told = stream.events
      .filter(({ type }) => type !== 'origin')
      .map(({ type, data }) => (type === 'message' ? data : type));
    expect(told).toEqual(['hello', 'line 1', 'a', 'status', 'b', 'status']);
  });

  it('says why no line comes while the journal can not be written, and when that is over', async () => {
    await using served = await serveLog({ lines: 3, keeping: { segmentBytes: 100 } });
    using early = await follow(served);
    const folder = join(served.dir, 'logs', served.log.info.id);
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'in the way');
    const appending = served.append(['late']);
    const statusOf = (stream: Streaming) => dataOf<Status>(named(stream, 'status').at(-1));
    await early.until('trouble', (stream) => statusOf(stream)?.trouble !== undefined);
    expect(statusOf(early)).toEqual({ ...served.log.status, trouble: served.log.journal.trouble });
    expect(statusOf(early).trouble).toMatch(/^The journal can't be written: /);
    expect(statusOf(early).trouble).not.toContain(served.dir);

    using late = await open(served.url('events?tail=0'));
    await late.until('hello', ({ events }) => events.length > 0);
    expect(dataOf<Hello>(late.events[0]).status.trouble).toBe(served.log.journal.trouble);

    rmSync(folder);
    await appending;
    for (const stream of [early, late]) {
      await stream.until('the line', ({ ids }) => ids.at(-1) === 4);
      await stream.until('all is well', (s) => named(s, 'status').length > 0 && statusOf(s).trouble === undefined);
    }
  });

  it('the last line and the status end the stream', async () => {
    await using served = await serveLog({ lines: 1 });
    using stream = await follow(served);
    await served.append(['last words']);
    served.log.setStatus(exited);
    await stream.whole();
    expect(stream.events.slice(-3).map(({ data }) => data)).toEqual([
      'last words',
      JSON.stringify(exited),
      '{"last":2,"lines":2}',
    ]);
  });
});

describe('ping', () => {
  it('goes out again and again, with the newest id', async () => {
    await using served = await serveLog({ lines: 4, pingMs: 20 });
    using stream = await follow(served);
    await stream.until('three pings', (s) => named(s, 'ping').length >= 3);
    const { time, last } = dataOf<{ time: number; last: number }>(named(stream, 'ping')[0]);
    expect(last).toBe(4);
    expect(Math.abs(time - Date.now())).toBeLessThan(10_000);
  });

  it('text has none', async () => {
    await using served = await serveLog({ lines: 1, pingMs: 5 });
    using stream = await open(served.url('raw?follow=1'));
    using events = await follow(served);
    await events.until('three pings', (s) => named(s, 'ping').length >= 3);
    expect(stream.body).toBe('line 1\n');
  });
});

describe('partial', () => {
  it('comes right after the backlog, changes, and goes when it became a line', async () => {
    await using served = await serveLog({ lines: 2 });
    served.log.setPartial({ rows: ['10%'] });
    using stream = await follow(served);
    await stream.until('the partial', (s) => named(s, 'partial').length === 1);
    expect(stream.events.map(({ type }) => type)).toEqual(['hello', 'origin', 'message', 'message', 'partial']);
    await served.append(['100%']);
    served.log.setPartial({ rows: [] });
    await stream.until('its end', (s) => named(s, 'partial').length === 2);
    expect(dataOf(named(stream, 'partial')[1])).toEqual({ rows: [] });
    expect(stream.events.at(-2)?.data).toBe('100%');
  });

  it('a progress bar that changes all the time costs ten events a second', async () => {
    await using served = await serveLog({ lines: 1 });
    using stream = await follow(served);
    const startedAt = performance.now();
    let percent = 0;
    while (performance.now() - startedAt < 1000) {
      served.log.setPartial({ rows: [`${percent++}`] });
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const newest = `${percent - 1}`;
    await stream.until('the newest', (s) => dataOf<{ rows: string[] }>(named(s, 'partial').at(-1)).rows[0] === newest);
    const seconds = (performance.now() - startedAt) / 1000;
    expect(named(stream, 'partial').length).toBeLessThanOrEqual(10 * seconds + 2);
  });

  it('a client with a limited range never gets one', async () => {
    await using served = await serveLog({ lines: 2 });
    served.log.setPartial({ rows: ['10%'] });
    expect(named(await ask(served.url('events?follow=0')), 'partial')).toEqual([]);
  });
});

describe('the progress of a program', () => {
  it('is part of the status while it lasts, in hello too, and is over with the log', async () => {
    await using served = await serveLog({ lines: 1 });
    using stream = await follow(served);
    await stream.until('the line', (s) => named(s, 'message').length === 1);
    const progress = { state: 'normal', percent: 42 } as const;
    served.log.setProgress(progress);
    await stream.until('the progress', (s) => named(s, 'status').length === 1);
    expect(dataOf(named(stream, 'status')[0])).toEqual({ ...served.log.status, progress });
    using late = await follow(served);
    await late.until('hello', (s) => named(s, 'hello').length === 1);
    expect(dataOf<Hello>(named(late, 'hello')[0]).status).toMatchObject({ progress });
    served.log.setStatus({ state: 'exited', code: 0, signal: null, startedAt: 1, endedAt: 2 });
    await stream.until('the end', (s) => named(s, 'end').length === 1 || s.end === 'complete');
    expect(named(stream, 'status').map(({ data }) => 'progress' in JSON.parse(data))).toEqual([true, false]);
    served.log.setProgress(progress);
    expect(served.log.progress).toBeUndefined();
  });
});

describe('skim', () => {
  /** Lines and skips together have to be the whole range without overlap. */
  function expectAccountedFor(stream: Streaming, from: number, to: number): { lines: number; skipped: number } {
    let next = from;
    let lines = 0;
    let skipped = 0;
    for (const event of stream.events) {
      if (event.type === 'message') {
        expect(Number(event.id)).toBe(next++);
        lines++;
      } else if (event.type === 'skip') {
        const skip = dataOf<Skip>(event);
        expect(skip.from).toBe(next);
        expect(skip.to).toBeGreaterThanOrEqual(skip.from);
        skipped += skip.to - skip.from + 1;
        next = skip.to + 1;
      }
    }
    expect(next).toBe(to + 1);
    return { lines, skipped };
  }

  it('lines that can be read all come', async () => {
    await using served = await serveLog({ lines: 10 });
    using stream = await follow(served, 'tail=5&skim=50');
    for (let i = 0; i < 20; i++) await served.appendNumbered(2);
    await stream.until('the last', ({ ids }) => ids.at(-1) === 50);
    expect(stream.ids).toEqual(idsFrom(6, 50));
  });

  it('a flood is passed over with exact ranges, the newest lines come', async () => {
    await using served = await serveLog({ lines: 10 });
    using stream = await follow(served, 'tail=5&skim=100');
    const startedAt = performance.now();
    for (let i = 0; i < 60; i++) {
      await served.appendNumbered(500);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const last = served.log.journal.lastId;
    await stream.until('the newest line', ({ ids }) => ids.at(-1) === last);
    const seconds = (performance.now() - startedAt) / 1000;
    const { lines, skipped } = expectAccountedFor(stream, 6, last);
    expect(lines).toBeLessThanOrEqual(5 + 100 * (seconds + 1) + 1);
    expect(skipped).toBeGreaterThan(20_000);
  });

  it('a large tail comes whole, whatever the rate', async () => {
    await using served = await serveLog({ lines: 2000 });
    using stream = await follow(served, 'tail=1000&skim=10');
    await stream.until('the tail', ({ ids }) => ids.length === 1000);
    expect(named(stream, 'skip')).toEqual([]);
  });

  it('a client that was away for long goes to the newest lines', async () => {
    await using served = await serveLog({ lines: 5000 });
    using stream = await open(served.url('events?tail=1000&skim=10'), { headers: { 'Last-Event-ID': '100' } });
    await stream.until('the newest line', ({ ids }) => ids.at(-1) === 5000);
    const { lines } = expectAccountedFor(stream, 101, 5000);
    expect(lines).toBeLessThanOrEqual(20);
  });

  it('one line a second waits for its second', async () => {
    await using served = await serveLog();
    using stream = await follow(served, 'skim=1');
    for (let i = 0; i < 5; i++) await served.appendNumbered(1);
    await stream.until('the newest', ({ ids }) => ids.at(-1) === 5);
    expectAccountedFor(stream, 1, 5);
  });

  it('ends with the status like any other', async () => {
    await using served = await serveLog({ lines: 3000 });
    using stream = await open(served.url('events?from=1&skim=50'));
    served.log.setStatus(exited);
    await stream.whole();
    expectAccountedFor(stream, 1, 3000);
    expect(stream.events.slice(-2).map(({ type }) => type)).toEqual(['status', 'end']);
  });
});

describe('clients that do not read', () => {
  const text = 'x'.repeat(1000);
  const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

  it('hold up nobody, cost no memory, and get every line once they read again', async () => {
    await using served = await serveLog({ lines: 1 });
    using stuck = await countLines(served.url('events'));
    await until('the backlog', () => stuck.lastId === 1);
    stuck.pause();
    using healthy = await countLines(served.url('events?tail=0'), 1);
    await until('both', () => served.server.subscribers === 2);

    const batches = 200;
    const lines = Array(1000).fill(text);
    let peak = 0;
    for (let i = 0; i < batches; i++) {
      await served.append(lines);
      peak = Math.max(peak, process.memoryUsage().arrayBuffers);
    }
    const { lastId } = served.log.journal;
    await until('all lines at the healthy client', () => healthy.lastId === lastId);
    expect(stuck.lastId).toBeLessThan(lastId);
    // 200 MB went by; what stays is a few blocks, and what the collector of this process has not come to yet.
    expect(peak).toBeLessThan(150_000_000);

    stuck.resume();
    await until('all lines', () => stuck.lastId === lastId);
    expect([...healthy.breaks, ...stuck.breaks]).toEqual([]);
  });

  it('for a while, at different times, each get their own bytes', async () => {
    await using served = await serveLog();
    for (let i = 0; i < 40; i++) {
      await served.append(Array.from({ length: 500 }, (_, k) => `${i * 500 + k + 1} ${text}`));
    }
    const { lastId } = served.log.journal;
    const streams = await Promise.all(idsFrom(1, 8).map((from) => open(served.url(`events?follow=0&from=${from}`))));
    let isOver = false;
    const pausing = streams.map(async (stream) => {
      while (!isOver) {
        stream.pause();
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 30));
        stream.resume();
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    for (const [index, stream] of streams.entries()) {
      const events = parseEvents(await stream.whole()).filter(({ type }) => type === 'message');
      expect(events.length).toBe(lastId - index);
      expect(events.filter(({ id, data }) => data !== `${id} ${text}`)).toEqual([]);
    }
    isOver = true;
    await Promise.all(pausing);
  });

  it('are disconnected after a while, and only they', async () => {
    await using served = await serveLog({ lines: 1, stallMs: 150 });
    for (let i = 0; i < 20; i++) await served.append(Array(1000).fill(text));
    using idle = await connectBare(served.server.port, get('/events?tail=0'));
    using stuck = await connectBare(served.server.port, get('/events'));
    stuck.socket.pause();
    await until('both', () => served.server.subscribers === 2);
    await until('the end of the stuck one', () => served.server.subscribers === 1);
    expect(idle.isClosed).toBe(false);
    await served.append(['still here']);
    await until('the line', () => idle.received.includes('still here'));
  });

  it('come back after that, and get every line once', async () => {
    await using served = await serveLog({ stallMs: 150 });
    const write = (count: number) => served.append(Array(count).fill(text));
    for (let i = 0; i < 20; i++) await write(1000);
    const address = () => ({ port: served.server.port, path: '/events' });
    using stuck = watchBySocket(address, { textOf: () => text, retryMs: 10 });
    await until('the beginning', () => stuck.lastId > 0);
    stuck.pause();
    await until('its end', () => served.server.subscribers === 0);
    expect(stuck.lastId).toBeLessThan(20_000);
    await write(1000);
    stuck.resume();
    await until('every line', () => stuck.lastId === 21_000);
    expect(stuck.connections).toBeGreaterThan(1);
    expect(stuck.faults).toEqual([]);
  });

  it('retention that overtakes one is told with the exact ids', async () => {
    await using served = await serveLog({ keeping: { retainBytes: 4_000_000, segmentBytes: 500_000 } });
    for (let i = 0; i < 3; i++) await served.append(Array(1000).fill(text));
    using slow = await open(served.url('events'));
    await slow.until('the beginning', ({ body }) => body.length > 1000);
    slow.pause();
    for (let i = 0; i < 40; i++) await served.append(Array(1000).fill(text));
    await until('retention has come round', () => served.log.journal.firstId > 30_000);
    slow.resume();
    await slow.until('the newest line', ({ body }) => body.includes(`\nid: ${served.log.journal.lastId}\n`));
    let next = 1;
    for (const event of slow.events) {
      if (event.type === 'message') expect(Number(event.id)).toBe(next++);
      if (event.type !== 'gap') continue;
      const gap = dataOf<{ from: number; to: number; reason: string }>(event);
      expect(gap).toMatchObject({ from: next, reason: 'retention' });
      next = gap.to + 1;
    }
    expect(next).toBe(served.log.journal.lastId + 1);
    expect(named(slow, 'gap').length).toBeGreaterThan(0);
  });

  it('a client that vanishes at any moment leaves nothing behind', async () => {
    await using served = await serveLog({ lines: 1 });
    for (let i = 0; i < 5; i++) await served.append(Array(1000).fill(text));
    for (let i = 0; i < 60; i++) {
      using client = await connectBare(served.server.port, get(i % 2 === 0 ? '/events' : '/raw?follow=1'));
      await new Promise((resolve) => setTimeout(resolve, i % 10));
      if (i % 3 === 0) client.socket.resetAndDestroy();
      else if (i % 3 === 1) client.socket.end();
    }
    await until('their end', () => served.server.subscribers === 0);
    await served.append(['nobody listens']);
  });
});

describe('draining', () => {
  it('without clients nothing is left to do', async () => {
    await using served = await serveLog({ lines: 1 });
    expect(await served.server.drained(0)).toBe(true);
  });

  it('resolves when clients have everything and the status', async () => {
    await using served = await serveLog({ lines: 1 });
    for (let i = 0; i < 20; i++) await served.append(Array(1000).fill('x'.repeat(1000)));
    const streams = await Promise.all(idsFrom(1, 3).map(() => open(served.url('events'))));
    served.log.setStatus(exited);
    const drained = served.server.drained(10_000);
    expect(await within('drained', drained)).toBe(true);
    expect(served.server.subscribers).toBe(0);
    for (const stream of streams) {
      await stream.whole();
      expect(stream.body.slice(-300)).toContain('"exited"');
    }
  });

  it('gives up on a client that does not read', async () => {
    await using served = await serveLog({ lines: 1, graceMs: 50 });
    for (let i = 0; i < 20; i++) await served.append(Array(1000).fill('x'.repeat(1000)));
    using stuck = await open(served.url('events'));
    stuck.pause();
    served.log.setStatus(exited);
    expect(await served.server.drained(100)).toBe(false);
  });

  it('clients that have caught up with an unfinished log are no reason to wait', async () => {
    await using served = await serveLog({ lines: 1 });
    using stream = await follow(served);
    expect(await served.server.drained(20_000)).toBe(true);
    expect(stream.end).toBe('open');
  });
});

describe('closing', () => {
  it('ends streams that have caught up, completely and at once', async () => {
    await using served = await serveLog({ lines: 5, graceMs: 30_000 });
    using events = await follow(served);
    using text = await open(served.url('raw?follow=1'));
    await text.until('the text', ({ body }) => body.endsWith('line 5\n'));
    await ask(served.url('status'));
    await within('the end', served.server.close());
    await events.whole();
    await text.whole();
    expect(events.ids).toEqual([1, 2, 3, 4, 5]);
    await expect(ask(served.url('status'))).rejects.toThrow('ECONNREFUSED');
  });

  it('takes no longer than its grace with clients that do not read, whose response must not look complete', async () => {
    await using served = await serveLog({ lines: 1, graceMs: 100 });
    for (let i = 0; i < 20; i++) await served.append(Array(1000).fill('x'.repeat(1000)));
    using stuck = await open(served.url('events'));
    // At once: a fast client has all 20 MB before a test that waits for their beginning looks again.
    stuck.pause();
    using halfAsked = await connectBare(served.server.port, 'GET /events HTTP/1.1\r\nHost: local');
    await within('the end', served.server.close());
    stuck.resume();
    await until('the cut', () => stuck.end !== 'open' && halfAsked.isClosed);
    expect(stuck.end).toBe('cut');
  });

  it('may be asked for twice', async () => {
    await using served = await serveLog();
    await Promise.all([served.server.close(), served.server.close()]);
  });
});
