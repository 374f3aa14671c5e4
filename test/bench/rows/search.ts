import { execFileSync } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { settlingMs } from '../delivery.ts';
import { type FollowedFile, followAll } from '../kept-log.ts';
import { memoryMB } from '../processes.ts';
import type { Server } from '../programs/program.ts';
import type { Row, Sample } from '../row.ts';
import { count } from '../table.ts';

interface Search {
  name: string;
  query: string;
  grep: string[];
}

/** What is looked for, by its query and as grep has it. A histogram counts what is found and sends no line. */
const searches: readonly Search[] = [
  { name: 'text', query: 'q=connection%20refused&case=1', grep: ['-c', 'connection refused'] },
  { name: 'smart case', query: 'q=connection%20refused', grep: ['-ci', 'connection refused'] },
  {
    name: 'expression',
    query: 'q=(refused|reset)%20%5B0-9%5D*7%24&regex=1&case=1',
    grep: ['-cP', '(refused|reset) [0-9]*7$'],
  },
];

export const row: Row = {
  name: 'search',
  title: (bench) => `counting what is found in a kept log of ${count(linesOf(bench))} lines, and grep in the same text`,
  measures: {
    ...Object.fromEntries(searches.map(({ name }) => [`${name} ms`, 'number'])),
    'level ms': 'number',
    'ten minutes ms': 'number',
    'outline ms': 'number',
    'histogram ms': 'number',
    // Of the time that a search for a text takes.
    'level share': 'number',
    'ten minutes share': 'number',
    // Of what it takes in a log just opened, as they do.
    'first look share': 'number',
    'reopened look share': 'number',
    'first search ms': 'number',
    'memory MB': 'number',
  },
  checks: [
    // Times: grep's is the smaller one.
    { measure: 'text ms', to: 'grep', atMost: 2, isForFullLoad: true },
    { measure: 'smart case ms', to: 'grep', atMost: 2, isForFullLoad: true },
    { measure: 'expression ms', to: 'grep', atMost: 5, isForFullLoad: true },
    { measure: 'level share', atMost: 0.1, isForFullLoad: true },
    { measure: 'ten minutes share', atMost: 1, isForFullLoad: true },
    { measure: 'first look share', atMost: 2, isForFullLoad: true },
    { measure: 'reopened look share', atMost: 2, isForFullLoad: true },
    { measure: 'outline ms', atMost: 20 },
    { measure: 'histogram ms', atMost: 20 },
    { measure: 'memory MB', atMost: 60 },
  ],
  async prepare(bench) {
    const file = fileOfRequests(bench, linesOf(bench));
    await (await followAll(file, linesOf(bench))).close();
    const searching = await followAll(file, linesOf(bench));
    const searchMs = await timeOf(searching, `raw?${(searches[0] as Search).query}`);
    await searching.close();
    const looking = await followAll(file, linesOf(bench));
    const ms = await timeUntilKnown(looking);
    // What was found out is kept soon afterwards.
    await sleep(settlingMs);
    await looking.close();
    const agent = await followAll(file, linesOf(bench));
    bench.atEnd(() => agent.close());
    const before = memoryMB(agent.pid).now;
    const looks = { searchMs, ms, againMs: await timeUntilKnown(agent), before };
    return [
      { name: 'sse-tail', measure: () => measureAgent(agent, looks) },
      { name: 'grep', measure: async () => measureGrep(file.path) },
    ];
  },
};

function linesOf(bench: Bench): number {
  return bench.size(10_000_000, 500_000);
}

/** Lines as servers write them; one of 100,000 is an error. */
function fileOfRequests(bench: Bench, lines: number): FollowedFile {
  const folder = bench.folder();
  const path = join(folder, 'app.log');
  writeFileSync(path, '');
  for (let first = 1; first <= lines; first += 100_000) {
    const length = Math.min(100_000, lines - first + 1);
    appendFileSync(path, `${Array.from({ length }, (_, i) => lineOf(first + i)).join('\n')}\n`);
  }
  return { folder, path };
}

/** Of the first line's day; a line is a millisecond. */
const midnight = Date.UTC(2026, 10, 28);
const tenMinutes = { since: midnight + 60_000, until: midnight + 660_000 };

function lineOf(id: number): string {
  const time = new Date(midnight + id).toISOString();
  if (id % 100_000 === 7) return `${time} ERROR [worker-${id % 7}] upstream: connection refused ${id}`;
  return `${time} INFO  [worker-${id % 7}] request ${(id * 7919) % 100_003} handled in ${id % 300} ms path=/items/${id % 977}`;
}

/** What the first look at each line takes: it happens once in the life of a log. */
async function timeUntilKnown(agent: Server): Promise<number> {
  const begun = performance.now();
  for (;;) {
    const outline = (await (await fetch(urlOf(agent, 'outline'))).json()) as { known: [number, number] };
    if (outline.known[0] === 1) return performance.now() - begun;
  }
}

function urlOf({ target }: Server, path: string): string {
  return `http://127.0.0.1:${target.port}/${path}`;
}

/** Each of an agent that was just started: a thread is started for it, and nothing is known or verified. */
interface Looks {
  /** A search for a text, in a log that nobody has looked at. */
  searchMs: number;
  /** The first look at that log, and a later one. */
  ms: number;
  againMs: number;
  /** Memory before that. */
  before: number;
}

async function measureAgent(agent: Server, looks: Looks): Promise<Sample> {
  const sample: Sample = {};
  for (const { name, query } of searches) sample[`${name} ms`] = await timeOf(agent, `histogram?${query}`);
  sample['level ms'] = await timeOf(agent, 'histogram?level=error');
  sample['ten minutes ms'] = await timeOf(agent, `histogram?since=${tenMinutes.since}&until=${tenMinutes.until}`);
  sample['outline ms'] = await timeOf(agent, 'outline');
  sample['histogram ms'] = await timeOf(agent, 'histogram');
  const textMs = sample['text ms'] as number;
  sample['level share'] = sample['level ms'] / textMs;
  sample['ten minutes share'] = sample['ten minutes ms'] / textMs;
  sample['first look share'] = looks.ms / looks.searchMs;
  sample['reopened look share'] = looks.againMs / looks.searchMs;
  sample['first search ms'] = looks.searchMs;
  sample['memory MB'] = memoryMB(agent.pid).now - looks.before;
  return sample;
}

async function timeOf(agent: Server, path: string): Promise<number> {
  const begun = performance.now();
  const answer = await fetch(urlOf(agent, path));
  const text = await answer.text();
  // A refusal is quick.
  if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${text.slice(0, 200)}`);
  return performance.now() - begun;
}

function measureGrep(path: string): Sample {
  const sample: Sample = {};
  for (const measure of ['first look share', 'reopened look share']) sample[measure] = Number.NaN;
  for (const measure of ['level', 'ten minutes']) sample[`${measure} ms`] = sample[`${measure} share`] = Number.NaN;
  for (const measure of ['first search ms', 'outline ms', 'histogram ms', 'memory MB']) sample[measure] = Number.NaN;
  for (const { name, grep } of searches) {
    const begun = performance.now();
    execFileSync('sh', ['-c', 'grep "$@" || true', 'sh', ...grep, path], { env: { ...process.env, LC_ALL: 'C' } });
    sample[`${name} ms`] = performance.now() - begun;
  }
  return sample;
}
