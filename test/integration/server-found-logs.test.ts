import { describe, expect, it } from 'vitest';
import { createBatchBuilder } from '../../agent/frame/encode.ts';
import type { FoundLog } from '../../agent/words/finding.ts';
import { until } from '../support/deadline.ts';
import { ask, open } from '../support/http-client.ts';
import { type ServedLog, serveLog } from '../support/served-log.ts';

/** Another log beside the current one. */
async function otherLog(served: ServedLog, name: string, texts: string[]): Promise<string> {
  const log = await served.store.create({ kind: 'command', name, argv: [name], cwd: served.dir });
  const builder = createBatchBuilder(1);
  builder.origin({ time: 1_763_622_000_000, stream: 'stderr' });
  for (const text of texts) {
    const bytes = Buffer.from(text);
    builder.line(bytes, 0, bytes.length);
  }
  const batch = builder.take();
  if (batch !== undefined) await log.journal.append(batch);
  await log.close();
  return log.info.id;
}

describe('a search over all logs', () => {
  it('says how often each of them has it, and shows the first lines', async () => {
    await using served = await serveLog();
    await served.append(['up', 'needle here']);
    const texts = Array.from({ length: 10 }, (_, i) => `\x1b[31mERROR\x1b[0m Needle ${i}`);
    const older = await otherLog(served, 'older', texts);
    const other = await otherLog(served, 'other', ['up']);
    const found = JSON.parse((await ask(served.url('logs?q=needle'))).body) as FoundLog[];
    expect(found.map(({ id, hits }) => ({ id, hits }))).toEqual([
      { id: other, hits: 0 },
      { id: older, hits: 10 },
      { id: served.log.info.id, hits: 1 },
    ]);
    expect(found[1]?.lines).toEqual(
      [0, 1, 2].map((i) => ({
        ...{ id: i + 1, time: 1_763_622_000_000, stream: 'stderr', level: 'error' },
        text: `ERROR Needle ${i}`,
      })),
    );
    expect(found[1]).toMatchObject({ name: 'older', first: 1, last: 10 });
    const exact = JSON.parse((await ask(served.url('logs?q=needle&case=1&stream=stdout'))).body) as FoundLog[];
    expect(exact.map(({ hits }) => hits)).toEqual([0, 0, 1]);
  });

  it('tells of each log when it was searched, where JSON lines are asked for', async () => {
    await using served = await serveLog({ lines: 3 });
    await otherLog(served, 'other', ['line up']);
    const { headers, body } = await ask(served.url('logs?q=line'), { headers: { Accept: 'application/x-ndjson' } });
    expect(headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
    const rows = body.trimEnd().split('\n');
    expect(rows.map((row) => JSON.parse(row))).toEqual(JSON.parse((await ask(served.url('logs?q=line'))).body));
    expect(rows).toHaveLength(2);
  });

  it('says of which level the records are that the lines are part of', async () => {
    await using served = await serveLog();
    const stopped = ['::stop-commands::a1b2', '::error::needle', '::a1b2::'];
    await served.append([...stopped, 'Error: refused', '    at needle (net.js:1:2)', 'WARN needle']);
    const [found] = JSON.parse((await ask(served.url('logs?q=needle'))).body) as FoundLog[];
    const levels = [[2], [5, 'error'], [6, 'warn']];
    expect(found?.lines.map(({ id, level }) => (level ? [id, level] : [id]))).toEqual(levels);
  });

  it('refuses what is no expression by name', async () => {
    await using served = await serveLog();
    const { status, body } = await ask(served.url('logs?q=(&regex=1'));
    expect({ status, ...JSON.parse(body) }).toMatchObject({ status: 400, parameter: 'q', at: 0 });
  });
});

describe('metrics', () => {
  it('are what there is of them, in the format of Prometheus', async () => {
    await using served = await serveLog({ lines: 5 });
    using live = await open(served.url('events'));
    await live.until('the lines', ({ ids }) => ids.length === 5);
    await ask(served.url('histogram?q=line'));
    const { status, headers, body } = await ask(served.url('metrics'));
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    const log = served.log.info.id;
    expect(body.split('\n')).toEqual(
      expect.arrayContaining([
        'sse_tail_info{version="1.2.3"} 1',
        '# TYPE sse_tail_lines_total counter',
        `sse_tail_lines_total{log="${log}"} 5`,
        `sse_tail_dropped_lines_total{log="${log}"} 0`,
        `sse_tail_journal_bytes{log="${log}"} ${served.log.journal.size}`,
        `sse_tail_journal_trouble{log="${log}"} 0`,
        'sse_tail_subscribers 1',
        'sse_tail_lag_lines 0',
        'sse_tail_searches_total 1',
        'sse_tail_searches_running 0',
      ]),
    );
    expect(body).toContain('process_resident_memory_bytes');
  });
});

/** Of the current log, where it is a value of a log. */
async function metric(served: ServedLog, name: string): Promise<number> {
  const { body } = await ask(served.url('metrics'));
  return Number(new RegExp(`^sse_tail_${name}(?:\\{[^}]*\\})? (\\d+)$`, 'm').exec(body)?.[1]);
}

describe('metrics of what goes wrong', () => {
  it('say how many lines the slowest client has not been sent, until it has them or leaves', async () => {
    await using served = await serveLog({ lines: 5 });
    using slow = await open(served.url('events'));
    const gone = await open(served.url('raw?follow=1'));
    for (const client of [slow, gone]) client.pause();
    const texts = Array(16).fill('x'.repeat(64 * 1024));
    const lag = () => metric(served, 'lag_lines');
    await until('a client that is far behind', async () => {
      await served.append(texts);
      return (await lag()) > 3 * texts.length;
    });
    const { lastId } = served.log.journal;
    expect(await lag()).toBeLessThanOrEqual(lastId - slow.ids.length);
    const before = await lag();
    await served.append(texts);
    expect(await lag()).toBe(before + texts.length);
    slow.resume();
    await slow.until('all lines', ({ ids }) => ids.at(-1) === lastId + texts.length);
    expect(await lag()).toBeGreaterThan(0);
    gone[Symbol.dispose]();
    await until('nobody is behind', async () => (await lag()) === 0);
    expect(await metric(served, 'subscribers')).toBe(1);
  });

  it('say how many lines retention has dropped', async () => {
    await using served = await serveLog({ keeping: { retainBytes: 64 * 1024, segmentBytes: 16 * 1024 } });
    expect(await metric(served, 'dropped_lines_total')).toBe(0);
    await served.outgrowRetention();
    const { firstId, lastId } = served.log.journal;
    expect(firstId).toBeGreaterThan(1);
    expect(await metric(served, 'dropped_lines_total')).toBe(firstId - 1);
    expect(await metric(served, 'lines_total')).toBe(lastId);
  });
});

describe('too many searches', () => {
  it('are refused, and taken again when others have ended', async () => {
    await using served = await serveLog({ lines: 3000 });
    // Those that wait for a slow client are under way.
    const paths = Array.from({ length: 140 }, () => 'events?q=line&regex=1&follow=0');
    const streams = await Promise.all(paths.map((path) => open(served.url(path))));
    const refused = streams.filter(({ status }) => status === 429);
    // Of searches, and of expressions whose compiling takes the agent too long.
    for (const stream of refused) expect(['5', '10']).toContain(stream.headers['retry-after']);
    expect(streams.length - refused.length).toBeGreaterThanOrEqual(128);
    for (const stream of streams) await stream.whole();
    expect((await ask(served.url('raw?q=line&limit=1'))).status).toBe(200);
    for (const stream of streams) stream[Symbol.dispose]();
  });
});
