import { appendFileSync, writeFileSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { createAgent } from '../../agent/agent.ts';
import { temporaryFolder } from '../support/agent-process.ts';
import { until, within } from '../support/deadline.ts';
import { parseLines } from '../support/event-text.ts';
import { ask, open } from '../support/http-client.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

it('a clock that is set back shows in the times of lines and nowhere else', async () => {
  using folder = temporaryFolder();
  const path = folder.file('app.log');
  writeFileSync(path, '');
  let now = Date.UTC(2025, 10, 20, 7);
  vi.spyOn(Date, 'now').mockImplementation(() => now);
  const start = () =>
    createAgent({ port: 0, dir: folder.file('logs'), input: { kind: 'files', paths: [path], start: 'all' } });

  const times: number[] = [];
  let lines = 0;
  for (let run = 0; run < 2; run++) {
    const agent = await start();
    await agent.start();
    using stream = await open(`${agent.url}events?from=${lines + 1}`);
    for (let round = 0; round < 5; round++) {
      now -= 3_600_000;
      times.push(now, now);
      appendFileSync(path, `one\ntwo\n`);
      lines += 2;
      await stream.until('the lines, live', ({ ids }) => ids.at(-1) === lines);
      // An unfinished line is shown in its time, too: nothing waits for the clock to be where it was.
      appendFileSync(path, 'half');
      await stream.until(
        'the half line',
        ({ events }) => events.findLast(({ type }) => type === 'partial')?.data === '{"rows":["half"]}',
      );
      appendFileSync(path, ' a line\n');
      times.push(now);
      lines++;
      await stream.until('the line', ({ ids }) => ids.at(-1) === lines);
    }
    expect(stream.ids.length).toBe(15);
    const kept = parseLines((await ask(`${agent.url}events?follow=0`)).body);
    expect(kept.map(({ id }) => id)).toEqual(Array.from({ length: lines }, (_, i) => i + 1));
    expect(kept.map(({ origin }) => origin.time)).toEqual(times);
    const [log] = JSON.parse((await ask(`${agent.url}logs`)).body);
    expect(log).toMatchObject({ first: 1, last: lines });
    expect((await ask(`${agent.url}healthz`)).status).toBe(200);
    await within('the end', agent.close());
  }
});

it('a clock that is set back between two logs of a file: the later one is gone on with', async () => {
  using folder = temporaryFolder();
  const path = folder.file('app.log');
  let now = Date.UTC(2025, 10, 20, 7);
  vi.spyOn(Date, 'now').mockImplementation(() => now);
  const run = async (lines: number): Promise<{ id: string; texts: string[] }> => {
    const agent = await createAgent({ port: 0, dir: folder.file('logs'), input: { kind: 'files', paths: [path] } });
    try {
      await agent.start();
      await until('the lines', () => agent.log.journal.lastId === lines);
      const texts = parseLines((await ask(`${agent.url}events?follow=0`)).body).map(({ text }) => text);
      return { id: agent.log.info.id, texts };
    } finally {
      await agent.close();
    }
  };

  writeFileSync(path, 'one\n');
  const first = await run(1);
  writeFileSync(path, 'another file\n');
  now -= 3_600_000;
  const second = await run(1);
  expect(second.id).not.toBe(first.id);
  appendFileSync(path, 'its second line\n');
  now += 1000;
  expect(await run(2)).toEqual({ id: second.id, texts: ['another file', 'its second line'] });
});
