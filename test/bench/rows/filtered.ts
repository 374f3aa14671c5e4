import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { deliver } from '../delivery.ts';
import { startWriter } from '../load/writer.ts';
import { sseTail } from '../programs/sse-tail.ts';
import type { Row, Sample } from '../row.ts';
import { count } from '../table.ts';

const perSecond = 10_000;
const clients = 100;
/** Of so many lines one is found: a number that ends in 00, before a time that begins with 0. */
const oneOf = 100;
/** Each client has a filter of its own, so that no two of them can share what is found. */
const filter = 'q=00%200&not=nobody-{n}';
const unfiltered = 'sse-tail, unfiltered';

export const row: Row = {
  name: 'filtered',
  title: () =>
    `${clients} live clients at ${count(perSecond)} lines/s, each with a filter that finds one line of ${oneOf}`,
  measures: { 'p50 ms': 'number', 'p99 ms': 'number', '% of a core': 'number', lost: 'count' },
  checks: [
    { measure: 'lost', atMost: 0 },
    { measure: 'lost', entrant: unfiltered, atMost: 0 },
    { measure: '% of a core', atMost: 100 },
    { measure: 'p99 ms', to: unfiltered, atMost: 3, isForFullLoad: true },
  ],
  async prepare(bench) {
    return [
      { name: 'sse-tail', measure: () => follow(bench, { connections: clients, query: filter, every: oneOf }) },
      { name: unfiltered, measure: () => follow(bench, { connections: clients, query: '', every: 1 }) },
      { name: 'sse-tail, one client', measure: () => follow(bench, { connections: 1, query: '', every: 1 }) },
    ];
  },
};

interface Followers {
  connections: number;
  query: string;
  /** They get one line of so many. */
  every: number;
}

async function follow(bench: Bench, { connections, query, every }: Followers): Promise<Sample> {
  const folder = bench.folder();
  const path = join(folder, 'app.log');
  writeFileSync(path, '');
  // The last line is found, too.
  const lines = perSecond * bench.size(6, 1);
  const writer = await startWriter({ path, first: 1, lines, perSecond });
  const server = await sseTail.follow(path, folder);
  try {
    const target = { ...server.target, path: `${server.target.path}?${query}` };
    const { report, seconds, cpuSeconds } = await deliver({
      server: { ...server, target },
      // A million lines a second would take as much of the machine to read as to send.
      task: { until: lines, connections, eagerShare: 0.1, latenciesFrom: 1 },
      begin: () => writer.run(),
      deadlineMs: 30_000,
    });
    return {
      'p50 ms': report.p50,
      'p99 ms': report.p99,
      '% of a core': (cpuSeconds / seconds) * 100,
      lost: Math.abs((connections * lines) / every - report.lines) + report.doubled,
    };
  } finally {
    await writer.close();
    await server.close();
  }
}
