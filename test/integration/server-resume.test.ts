import { EventSource } from 'eventsource';
import { expect, it } from 'vitest';
import { createServer } from '../../agent/server/server.ts';
import { until } from '../support/deadline.ts';
import { type FlakyProxy, startFlakyProxy } from '../support/flaky-proxy.ts';
import { ask } from '../support/http-client.ts';
import { exited, type ServedLog, serveLog } from '../support/served-log.ts';

/** A plain EventSource that writes down what it sees. */
function watch(url: string) {
  const texts: string[] = [];
  const wrong: string[] = [];
  const statuses: string[] = [];
  const source = new EventSource(url);
  let lastId = 0;
  source.onmessage = ({ lastEventId, data }) => {
    const id = Number(lastEventId);
    if (id !== lastId + 1 || data !== `line ${id}`) wrong.push(`after ${lastId}: ${lastEventId} ${data}`);
    lastId = id;
    texts.push(data);
  };
  source.addEventListener('status', ({ data }) => statuses.push(JSON.parse(data).state));
  return {
    source,
    wrong,
    statuses,
    get lines() {
      return texts.length;
    },
    [Symbol.dispose]: () => source.close(),
  };
}

/** Appends lines at a pace that leaves time for trouble. */
async function write(served: ServedLog, lines: number): Promise<void> {
  for (let written = 0; written < lines; written += 250) {
    await served.appendNumbered(250, 50);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const proxyFor = (served: ServedLog): Promise<FlakyProxy> => startFlakyProxy(() => served.server.port);

it('20 cuts at random moments of 100,000 lines: every line once, in order', async () => {
  const lines = 100_000;
  await using served = await serveLog({ retryMs: 10 });
  await using proxy = await proxyFor(served);
  using seen = watch(`http://127.0.0.1:${proxy.port}/events`);
  using undisturbed = watch(served.url('events'));
  const writing = write(served, lines);
  for (let cuts = 0; cuts < 20; ) {
    const next = Math.min(seen.lines + Math.random() * 5000, lines - 1);
    await until(`lines after cut ${cuts}`, () => seen.lines > next);
    // What was just cut is not closed yet, and would count once more.
    await until(`a connection after cut ${cuts}`, () => proxy.connections > cuts);
    if (proxy.cut() > 0) cuts++;
  }
  await writing;
  // One that comes back with all lines after the end is told nothing more.
  await until('a stream after the last cut', () => proxy.connections > 20 && served.server.subscribers === 2);
  served.log.setStatus(exited);
  await until('the end', () => seen.source.readyState === EventSource.CLOSED);
  await until('the other end', () => undisturbed.source.readyState === EventSource.CLOSED);

  expect(proxy.connections).toBeGreaterThan(20);
  for (const client of [seen, undisturbed]) {
    expect(client.wrong).toEqual([]);
    expect(client.lines).toBe(lines);
    expect(client.statuses.at(-1)).toBe('exited');
  }
  expect(served.server.subscribers).toBe(0);
});

it('a network that stands still again and again delays lines and loses none', async () => {
  const lines = 50_000;
  await using served = await serveLog({ retryMs: 10 });
  await using proxy = await proxyFor(served);
  using seen = watch(`http://127.0.0.1:${proxy.port}/events`);
  const writing = write(served, lines);
  for (let stalls = 0; stalls < 10; stalls++) {
    await until(`lines after stall ${stalls}`, () => seen.lines > (stalls * lines) / 10);
    proxy.stall();
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (stalls % 3 === 2) proxy.cut();
    proxy.resume();
  }
  await writing;
  await until('all lines', () => seen.lines === lines);
  expect(seen.wrong).toEqual([]);
});

it('a server that goes away and comes back on another port: the same client goes on where it was', async () => {
  await using served = await serveLog({ lines: 1000, retryMs: 10 });
  let port = served.server.port;
  await using proxy = await startFlakyProxy(() => port);
  using seen = watch(`http://127.0.0.1:${proxy.port}/events`);
  await until('the first lines', () => seen.lines === 1000);
  await served.server.close();
  await served.appendNumbered(500);
  const tried = proxy.connections;
  await until('attempts meanwhile', () => proxy.connections > tried);
  const again = await createServer({
    store: served.store,
    current: () => served.log,
    viewerDir: served.dir,
    version: '1',
    host: '127.0.0.1',
    port: 0,
  });
  try {
    port = again.port;
    await until('the rest', () => seen.lines === 1500);
    expect(seen.wrong).toEqual([]);
  } finally {
    seen.source.close();
    await again.close();
  }
});

it("a plain EventSource at hello's URL is told of the next run on the same port", async () => {
  const first = await serveLog({ lines: 5, retryMs: 10 });
  const { url } = JSON.parse((await ask(first.url('status'))).body);
  let served = first;
  await using proxy = await startFlakyProxy(() => served.server.port);
  using seen = watch(new URL(url, `http://127.0.0.1:${proxy.port}/`).href);
  const resets: string[] = [];
  seen.source.addEventListener('reset', ({ data }) => resets.push(data));
  await until('the first run', () => seen.lines === 5);
  await using next = await serveLog({ lines: 9, retryMs: 10 });
  served = next;
  await first[Symbol.asyncDispose]();
  await until('the next run', () => seen.lines === 14);
  expect(resets).toEqual(['{"first":1,"last":9}']);
  expect(JSON.parse((await ask(next.url('status'))).body).url).toBe(`events?log=${next.log.info.id}`);
});

it('a client of another log is told so, and gets this one from its first line', async () => {
  await using served = await serveLog({ lines: 9 });
  served.log.setStatus(exited);
  const resumed = (log: string, id: string) =>
    ask(served.url(`events?log=${log}`), { headers: { 'Last-Event-ID': id } });
  const foreign = await resumed('older-1f3a', '9');
  expect(foreign.events.find(({ type }) => type === 'reset')?.data).toBe('{"first":1,"last":9}');
  expect(foreign.ids).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const own = await resumed(served.log.info.id, '7');
  expect(own.events.map(({ type }) => type)).not.toContain('reset');
  expect(own.ids).toEqual([8, 9]);
});

it('so is one that has no line of it yet, whatever part it asks for', async () => {
  await using served = await serveLog({ lines: 9 });
  for (const [part, ids] of [
    ['', [1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['&tail=2', [8, 9]],
    ['&tail=1&q=line', [9]],
    ['&tail=0', []],
    ['&from=3&to=4', [3, 4]],
  ] as const) {
    const foreign = await ask(served.url(`events?log=older-1f3a&follow=0${part}`));
    expect(foreign.events.slice(0, 2).map(({ type }) => type)).toEqual(['hello', 'reset']);
    expect(foreign.events[1]?.data).toBe('{"first":1,"last":9}');
    expect(foreign.ids).toEqual(ids);
    const own = await ask(served.url(`events?log=${served.log.info.id}&follow=0${part}`));
    expect(own.body).not.toContain('event: reset');
    expect(own.ids).toEqual(ids);
  }
});

it.each([
  ['of another log', 'log=older-1f3a', '3'],
  ['of another log, of which it has no line', 'log=older-1f3a', undefined],
  ['past the end of the log', '', '20'],
])('a program that was in the middle is told that it begins anew: %s', async (_, query, id) => {
  await using served = await serveLog({ lines: 9 });
  for (const filter of ['', '&q=line']) {
    const asking = id === undefined ? {} : { headers: { 'Last-Event-ID': id } };
    const json = await ask(served.url(`events?${query}&format=ndjson&follow=0${filter}`), asking);
    const [first, ...lines] = json.body.trimEnd().split('\n');
    expect(first).toBe('{"reset":{"first":1,"last":9}}');
    expect(lines.map((line) => JSON.parse(line).id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const csv = await ask(served.url(`events?${query}&format=csv&follow=0${filter}`), asking);
    const rows = csv.body.trimEnd().split('\r\n');
    expect(rows.slice(0, 2)).toEqual(['id,time,source,stream,level,text', ',,,,,[sse-tail: the log begins anew]']);
    expect(rows).toHaveLength(11);
  }
  const own = await ask(served.url(`events?log=${served.log.info.id}&format=ndjson&follow=0&lastEventId=7`));
  expect(
    own.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).id),
  ).toEqual([8, 9]);
});
