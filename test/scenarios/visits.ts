import { setTimeout as sleep } from 'node:timers/promises';
import { type Asking, ask, connectBare, open } from '../support/http-client.ts';

/** A log, as those see it who come to look at it. */
export interface Visited {
  readonly url: string;
  /** With every request. */
  readonly headers: Record<string, string>;
  /** What some of its lines contain. */
  readonly word: string;
  /** What opens it, where it is guarded; it stands in `headers` as well. */
  readonly token: string | undefined;
  /** From 0 to 1. */
  random(): number;
}

/**
 * Somebody comes, asks, looks at what is answered, and leaves, before `stay` is aborted.
 *
 * @throws Error when the answer was not the right one
 */
export type Visit = (log: Visited, stay: AbortSignal) => Promise<void>;

/** All kinds of them. */
export const visits: Readonly<Record<string, Visit>> = {
  plain: (log, stay) => follow(log, stay, 'events?tail=100'),
  skimming: (log, stay) => follow(log, stay, 'events?tail=50&skim=20'),
  filtered: (log, stay) => follow(log, stay, `events?tail=500&q=${log.word}`),
  'of a level, with context': (log, stay) => follow(log, stay, 'events?tail=500&level=error,warn&context=2'),
  compressed: (log, stay) => follow(log, stay, 'events?tail=1000', compressed(log)),
  'compressed and filtered': (log, stay) => follow(log, stay, `events?tail=1000&q=${log.word}`, compressed(log)),
  raw: (log, stay) => follow(log, stay, 'raw?tail=100&follow=1&strip=1'),

  async slow(log, stay) {
    using live = await open(`${log.url}events?from=1`, log);
    live.pause();
    await stayed(20_000 * log.random(), stay);
    live.resume();
    await stayed(500, stay);
    expectAscending(live.ids);
  },

  async 'half a request'(log, stay) {
    using client = await connectBare(Number(new URL(log.url).port), 'GET /events HTTP/1.1\r\nHost: local');
    await stayed(5000 * log.random(), stay);
    if (client.received !== '') throw new Error(`half a request was answered: ${client.received}`);
  },

  async 'a part of the past'(log) {
    const last = await lastIdOf(log);
    const from = Math.max(1, last - 1000);
    const { ids } = await askAtLeisure(`${log.url}events?from=${from}&to=${last}`, log);
    if (ids.at(-1) !== last) throw new Error(`lines up to ${last} were asked for, the last is ${ids.at(-1)}`);
    expectAscending(ids);
    await expectStatus(200, log, 'raw?tail=500&download=1');
    await expectStatus(
      200,
      { ...log, headers: { ...log.headers, accept: 'application/x-ndjson' } },
      'events?tail=99&follow=0',
    );
  },

  async 'a search'(log) {
    const { ids } = await askAtLeisure(`${log.url}events?follow=0&limit=200&context=1&q=${log.word}`, log);
    if (ids.length === 0) throw new Error(`nothing was found: ${log.word}`);
    expectAscending(ids);
    await expectStatus(200, log, 'events?follow=0&regex=1&q=[0-9]%2B9');
  },

  async 'a search that is given up'(log, stay) {
    using _live = await open(`${log.url}events?regex=1&q=(${log.word}|x%2By)z`, log);
    await stayed(100 * log.random(), stay);
  },

  async surveys(log) {
    for (const path of ['outline', 'histogram?buckets=100', `histogram?q=${log.word}`])
      await expectStatus(200, log, path);
  },

  async 'an outline that is followed'(log, stay) {
    using live = await open(`${log.url}outline`, { headers: { ...log.headers, accept: 'text/event-stream' } });
    await stayed(3000 * log.random(), stay);
    if (live.status !== 200) throw new Error(`the outline was answered with ${live.status}`);
  },

  async 'lists and measures'(log) {
    for (const path of ['status', 'logs', `logs?q=${log.word}`, 'metrics', 'healthz'])
      await expectStatus(200, log, path);
  },

  async 'an export'(log) {
    await expectStatus(200, log, 'export?tail=500');
  },

  async 'what is refused'(log) {
    await expectStatus(400, log, 'events?from=x');
    await expectStatus(404, log, 'logs/no-such-log/events');
    await expectStatus(405, { ...log, method: 'POST' }, 'events');
    if (log.token === undefined) {
      await expectStatus(403, { ...log, headers: { host: 'evil.example' } }, 'events');
      return;
    }
    await expectStatus(401, { ...log, headers: {} }, 'events');
    // Each from another address, of which the agent notes how often it was wrong.
    const localAddress = `127.${1 + byte(log)}.${byte(log)}.${1 + byte(log)}`;
    await expectStatus(401, { url: log.url, headers: { authorization: 'Bearer wrong' }, localAddress }, 'events');
  },
};

async function follow(log: Visited, stay: AbortSignal, path: string, asking: Asking = log): Promise<void> {
  using live = await open(`${log.url}${path}`, asking);
  if (live.status !== 200) throw new Error(`${path} was answered with ${live.status}`);
  await stayed(10_000 * log.random(), stay);
  if (live.end !== 'open') throw new Error(`${path} has ended`);
  if (path.startsWith('events')) expectAscending(live.ids);
}

/** As a proxy of this machine asks for a client elsewhere: nothing is compressed on the way to this machine. */
function compressed({ headers, random }: Visited): Asking {
  const codings = ['gzip', 'zstd', 'br, gzip', 'gzip, zstd, br'];
  const coding = codings[Math.floor(codings.length * random())] as string;
  return { headers: { ...headers, 'accept-encoding': coding, 'x-forwarded-for': '203.0.113.7' } };
}

/** How long an answer takes is not what this is about, and the machine may be busy. */
const askAtLeisure = (url: string, asking: Asking) => ask(url, asking, 120_000);

async function lastIdOf(log: Visited): Promise<number> {
  return JSON.parse((await askAtLeisure(`${log.url}status`, log)).body).last;
}

async function expectStatus(status: number, asking: Asking & { url: string }, path: string): Promise<void> {
  const answer = await askAtLeisure(`${asking.url}${path}`, asking);
  if (answer.status !== status)
    throw new Error(`${path} was answered with ${answer.status}, not ${status}: ${answer.body}`);
}

function expectAscending(ids: readonly number[]): void {
  const at = ids.findIndex((id, index) => index > 0 && id <= (ids[index - 1] as number));
  if (at > 0) throw new Error(`line ${ids[at]} came after line ${ids[at - 1]}`);
}

const byte = ({ random }: Visited) => Math.floor(254 * random());

/** Resolves sooner when the visit has to end. */
async function stayed(ms: number, stay: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: stay }).catch(() => undefined);
}
