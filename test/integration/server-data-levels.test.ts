import { describe, expect, it } from 'vitest';
import { until } from '../support/deadline.ts';
import { ask, open, type Streaming } from '../support/http-client.ts';
import { collectGarbage } from '../support/memory.ts';
import { type ServedLog, serveLog } from '../support/served-log.ts';

const trace = ['Error: refused', '    at connect (net.js:1:2)', '    at run (main.js:3:4)'];
const object = ['{', '  "level": "error",', '  "msg": "no room"', '}'];

interface Data {
  id: number;
  level?: string;
  context?: true;
}

/** Of each line its id and level. */
async function levelsOf(served: ServedLog, parameters: string): Promise<[number, string | undefined][]> {
  const { body } = await ask(served.url(`events?follow=0&format=ndjson&${parameters}`));
  const lines = body.trimEnd().split('\n').filter(Boolean);
  const levels = lines
    .map((line) => JSON.parse(line) as Data)
    .map(({ id, level }): [number, string | undefined] => [id, level]);
  const csv = await ask(served.url(`events?follow=0&format=csv&${parameters}`));
  const rows = csv.body.trimEnd().split('\r\n').slice(1);
  expect(rows.map((row) => [Number(row.split(',')[0]), row.split(',')[4] || undefined])).toEqual(levels);
  return levels;
}

async function served(): Promise<ServedLog> {
  const log = await serveLog();
  await log.append(['up', ...trace, 'WARN: low', 'down']);
  await log.append(trace, { source: 'db', stream: 'stderr' });
  return log;
}

const all = [
  [1, undefined],
  ...[2, 3, 4].map((id) => [id, 'error']),
  [5, 'warn'],
  [6, undefined],
  ...[7, 8, 9].map((id) => [id, 'error']),
] as [number, string | undefined][];
const only = (...ids: number[]) => all.filter(([id]) => ids.includes(id));

describe('a line for programs has the level of its record', () => {
  it.each([
    ['', all],
    ['from=3', only(3, 4, 5, 6, 7, 8, 9)],
    ['from=4&to=5', only(4, 5)],
    ['tail=2', only(8, 9)],
    ['tail=2&stream=stdout', only(5, 6)],
    ['tail=1&stream=stderr', only(9)],
    ['source=db&from=8', only(8, 9)],
    ['q=main.js', only(4, 9)],
    ['q=main.js&before=1', only(3, 4, 8, 9)],
    ['q=connect&record=1', only(2, 3, 4, 7, 8, 9)],
    ['level=error,warn', only(2, 3, 4, 5, 7, 8, 9)],
    ['level=error&tail=1', only(9)],
    ['not=refused&limit=3', only(1, 3, 4)],
    ['since=1h', all],
  ])('of events?%s', async (parameters, expected) => {
    await using log = await served();
    expect(await levelsOf(log, parameters)).toEqual(expected);
  });

  it('though another line is said in between, and batches end within it', async () => {
    await using log = await serveLog();
    for (const [i, line] of trace.entries()) {
      await log.append([line], { source: 'a' });
      await log.append([`line ${i}`], { source: 'b' });
    }
    const errors = [1, 3, 5].map((id) => [id, 'error']);
    expect((await levelsOf(log, '')).filter(([, level]) => level !== undefined)).toEqual(errors);
    expect(await levelsOf(log, 'q=main.js')).toEqual([[5, 'error']]);
    expect(await levelsOf(log, 'source=a')).toEqual(errors);
  });

  it('also where a line that comes later says it, as far as that is known', async () => {
    await using log = await serveLog();
    await log.append(['up', ...object, 'down']);
    const known = [2, 3, 4, 5].map((id) => [id, 'error']);
    expect(await levelsOf(log, 'level=error')).toEqual(known);
    expect(await levelsOf(log, 'q=room&record=1')).toEqual(known);
    expect((await levelsOf(log, '')).slice(2, 6)).toEqual([...known.slice(1), [6, undefined]]);
  });

  it.each([
    ['', [5, 6]],
    ['from=2', [5, 6]],
    ['tail=3', [5, 6]],
    ['q=error', [5]],
    ['level=error', [5, 6]],
    ['stream=stdout&tail=5', [5, 6]],
  ])('but none of a command of a workflow that is stopped: events?%s', async (parameters, errors) => {
    await using log = await serveLog();
    const now = new Date().toISOString();
    const stopped = ['::stop-commands::a1b2', `${now} ::error::text`, '::warning::text', `${now} ::a1b2::`];
    await log.append([...stopped, '::error::no user', '    at run (main.js:3:4)']);
    const levels = await levelsOf(log, parameters);
    expect(levels.filter(([, level]) => level !== undefined)).toEqual(errors.map((id) => [id, 'error']));
  });

  it.each(['', '&q=a'])('live, but none of a command that is stopped: events?format=ndjson%s', async (parameters) => {
    await using log = await serveLog();
    await log.append(['a start', '::stop-commands::a1b2']);
    using live = await open(log.url(`events?format=ndjson${parameters}`));
    await live.until('the first line', ({ body }) => body.includes('a start'));
    for (const line of ['::error::a text', '::a1b2::', '::error::a user is missing']) await log.append([line]);
    await live.until('all lines', ({ body }) => body.includes('"id":5'));
    const lines = live.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Data);
    expect(lines.filter(({ level }) => level !== undefined).map(({ id }) => id)).toEqual([5]);
    expect(lines.map(({ id }) => id)).toContain(3);
  });

  it.each(['', '&q=a', '&not=nothing'])('live: events?format=ndjson%s', async (parameters) => {
    await using log = await serveLog();
    await log.append(['a start']);
    using live = await open(log.url(`events?format=ndjson${parameters}`));
    await live.until('the first line', ({ body }) => body.includes('a start'));
    for (const line of [...trace, 'a line', ...trace]) await log.append([line]);
    await live.until('all lines', ({ body }) => body.includes('"id":8'));
    const lines = live.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Data);
    const isError = (id: number) => id !== 1 && id !== 5;
    expect(lines.filter(({ id, level }) => (level === 'error') !== isError(id))).toEqual([]);
    expect(lines.length).toBeGreaterThan(4);
  });
});

describe('a client that follows', () => {
  it('keeps nothing of the lines before its first one in memory', async () => {
    const kept = () => {
      collectGarbage();
      return process.memoryUsage().arrayBuffers;
    };
    await using log = await serveLog();
    await log.append(Array.from({ length: 200 }, (_, at) => `${at} ${'x'.repeat(20_000)}`));
    const clients: Streaming[] = [];
    try {
      const before = kept();
      for (let at = 0; at < 10; at++) clients.push(await open(log.url('events?tail=0&format=ndjson')));
      await log.append(['up']);
      for (const client of clients) await until('its first line', () => client.body.includes('"up"'));
      await until('4 MB of the lines before let go of', () => kept() - before < 4 * 1024 * 1024);
    } finally {
      for (const client of clients) client[Symbol.dispose]();
    }
  });
});
