import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { expect } from 'vitest';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { until, within } from '../support/deadline.ts';
import { watchBySocket } from '../support/line-watchers.ts';
import { residentMB, watchMemory } from '../support/memory.ts';
import { nonsenseBytes, nonsenseHeaders, nonsensePath, nonsenseQuery } from '../support/nonsense.ts';
import { createNumberedFile, linesOf, type NumberedFile } from './numbered-file.ts';

export interface HalfOpen {
  connections: number;
  /** Whether to wait until the agent has had enough of them, which takes it 10 to 20 seconds. */
  untilCut: boolean;
  /** What the agent may grow by. */
  mostGrowthMB: number;
}

/** All but the first can go on with any letter for as long as one likes. */
const beginnings = [
  '',
  'GET /ev',
  'GET /events HTTP/1.1\r\nHos',
  'GET /events HTTP/1.1\r\nHost: localhost\r\nX-Slow: ',
];

/**
 * So many connections with no request, or half of one that goes on byte by byte: they cost little and hold up nobody.
 */
export async function keepHalfOpen({ connections, untilCut, mostGrowthMB }: HalfOpen): Promise<void> {
  using folder = temporaryFolder();
  const file = createNumberedFile(folder.file('app.log'), linesOf(60));
  await using agent = startAgent(folder.path, ['-n', 'all', file.path]);
  const { url, port, pid } = await addressOf(agent);
  using healthy = watchBySocket(() => ({ port, path: '/events' }), { textOf: file.textOf });
  await grow(file, 1000, () => healthy.lastId);
  using memory = watchMemory(pid);
  const beforeMB = memory.peakMB;

  const sockets = new Set<Socket>();
  const slowest = setInterval(() => {
    for (const socket of sockets) if (socket.writable && socket.bytesWritten > 0) socket.write('x');
  }, 500);
  try {
    for (let made = 0; made < connections; made++) {
      const socket = connect(port, '127.0.0.1');
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
      socket.resume();
      const text = beginnings[made % beginnings.length] as string;
      if (text !== '') socket.write(text);
      // A queue of more is not what this is about.
      if (made % 100 === 99) await once(socket, 'connect');
    }
    for (let lines = 2000; lines <= 5000; lines += 500) await grow(file, lines, () => healthy.lastId);
    expect((await fetch(`${url}healthz`)).status).toBe(200);
    expect(memory.peakMB - beforeMB).toBeLessThan(mostGrowthMB);
    if (untilCut) await until('the end of all of them', () => sockets.size === 0, 60_000);
  } finally {
    clearInterval(slowest);
    for (const socket of sockets) socket.destroy();
  }
  await grow(file, 6000, () => healthy.lastId);
  expect(healthy.faults).toEqual([]);
  expect(healthy.connections).toBe(1);
}

export interface Nonsense {
  requests: number;
  /** What the agent may grow by from the first half of them to the second. */
  mostGrowthMB: number;
}

/**
 * So many requests that nobody would make: each is answered or dropped, the agent is as well afterwards as before, and
 * no larger.
 */
export async function askNonsense({ requests, mostGrowthMB }: Nonsense): Promise<void> {
  using folder = temporaryFolder();
  const file = createNumberedFile(folder.file('app.log'), linesOf(60));
  await using agent = startAgent(folder.path, ['-n', 'all', file.path]);
  const { url, port, pid } = await addressOf(agent);
  using healthy = watchBySocket(() => ({ port, path: '/events' }), { textOf: file.textOf });
  await grow(file, 200, () => healthy.lastId);
  const seed = Math.floor(Math.random() * 1e9);

  let asked = 0;
  const askUntil = async (count: number) => {
    while (asked < count) {
      for (const bytes of fc.sample(nonsense, { seed: seed + asked, numRuns: 200 })) {
        await within(`an end of request ${asked} (seed ${seed})`, say(port, bytes));
        asked++;
      }
    }
  };
  await askUntil(requests / 2);
  const halfwayMB = residentMB(pid) ?? 0;
  await askUntil(requests);
  expect((residentMB(pid) ?? 0) - halfwayMB).toBeLessThan(mostGrowthMB);

  await grow(file, 400, () => healthy.lastId);
  expect(healthy.faults).toEqual([]);
  expect(healthy.connections).toBe(1);
  await until('all others are gone', async () => (await (await fetch(`${url}healthz`)).json()).subscribers === 1);
}

const nonsense = fc.oneof(
  nonsenseBytes,
  fc.tuple(nonsensePath, nonsenseQuery, nonsenseHeaders).map(([path, query, headers]) => {
    return Buffer.from(`GET ${path}?${query} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`, 'latin1');
  }),
);

/** Sends a request and closes its side; resolves when the other side has closed, or its answer has begun. */
async function say(port: number, bytes: Buffer): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.on('data', () => socket.destroy());
  socket.end(bytes);
  await once(socket, 'close');
}

async function addressOf(agent: AgentProcess): Promise<{ url: string; port: number; pid: number }> {
  const url = await agent.url();
  return { url, port: Number(new URL(url).port), pid: agent.child.pid as number };
}

async function grow(file: NumberedFile, lines: number, reached: () => number): Promise<void> {
  file.growTo(lines);
  await until(`line ${lines}`, () => reached() === lines);
}
