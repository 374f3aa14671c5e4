import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { linkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { settlingMs } from '../delivery.ts';
import { journalReaches } from '../journal-watch.ts';
import { fileOfLines } from '../kept-log.ts';
import { encodeLines, nowUs } from '../lines.ts';
import type { Server } from '../programs/program.ts';
import { startSseTail, stateDir } from '../programs/sse-tail.ts';
import type { Row, Sample } from '../row.ts';
import { count } from '../table.ts';

const alone = 'sse-tail, no search';

export const row: Row = {
  name: 'ingest-search',
  title: (bench) =>
    `a file of ${count(linesOf(bench))} lines appears while as many kept ones are searched, over and over, for a text that is nowhere`,
  measures: { 'lines/s': 'rate', searches: 'count' },
  checks: [{ measure: 'lines/s', to: alone, atLeast: 0.8 }],
  async prepare(bench) {
    const content = join(bench.folder(), 'content.txt');
    writeFileSync(content, encodeLines(1, linesOf(bench), nowUs()));
    return [
      { name: 'sse-tail', measure: () => ingest(bench, content, searchOn) },
      { name: alone, measure: () => ingest(bench, content) },
      // What any search beside it costs on this machine.
      { name: 'sse-tail, grep beside', measure: () => ingest(bench, content, grepOn) },
    ];
  },
};

interface Beside {
  /** Resolves with how many searches there were. */
  end(): Promise<number>;
}

async function ingest(
  bench: Bench,
  content: string,
  begin?: (server: Server, path: string) => Promise<Beside>,
): Promise<Sample> {
  const lines = linesOf(bench);
  const { folder, path } = fileOfLines(bench, lines);
  const appearing = join(folder, 'more.log');
  const server = await startSseTail(['-n', 'all', '--retain', '8GiB', path, appearing], { folder });
  try {
    await journalReaches(stateDir(folder), lines);
    await sleep(settlingMs);
    const searches = await begin?.(server, path);
    const startedUs = nowUs();
    linkSync(content, appearing);
    await journalReaches(stateDir(folder), 2 * lines);
    const seconds = (nowUs() - startedUs) / 1e6;
    return { 'lines/s': lines / seconds, searches: (await searches?.end()) ?? 0 };
  } finally {
    await server.close();
  }
}

/** Searches one after the other until the end, which says how many there were; the first one is over by now. */
async function searchOn({ target }: Server): Promise<Beside> {
  return overAndOver(async (text) => {
    const answer = await fetch(`http://127.0.0.1:${target.port}/raw?q=${text}`);
    const found = await answer.text();
    if (!answer.ok || found !== '')
      throw new Error(`A search was answered with ${answer.status}: ${found.slice(0, 200)}`);
  });
}

/** The same with grep, over the file itself and at the priority of the search thread. */
async function grepOn(_server: Server, path: string): Promise<Beside> {
  const env = { ...process.env, LC_ALL: 'C' };
  return overAndOver(async (text) => {
    const [code] = await once(spawn('nice', ['-n', '3', 'grep', '-c', text, path], { env, stdio: 'ignore' }), 'exit');
    if (code !== 1) throw new Error(`grep ended with ${code}.`);
  });
}

async function overAndOver(search: (text: string) => Promise<void>): Promise<Beside> {
  let isOn = true;
  let done = 0;
  const next = () => search(`nowhere-${done}`);
  await next();
  const all = (async () => {
    for (; isOn; done++) await next();
  })();
  all.catch(() => {});
  return {
    async end() {
      isOn = false;
      await all;
      return done;
    },
  };
}

function linesOf(bench: Bench): number {
  return bench.size(2_000_000, 200_000);
}
