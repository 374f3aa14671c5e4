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
      { name: 'sse-tail', measure: () => ingest(bench, content, true) },
      { name: alone, measure: () => ingest(bench, content, false) },
    ];
  },
};

async function ingest(bench: Bench, content: string, isSearched: boolean): Promise<Sample> {
  const lines = linesOf(bench);
  const { folder, path } = fileOfLines(bench, lines);
  const appearing = join(folder, 'more.log');
  const server = await startSseTail(['-n', 'all', '--retain', '8GiB', path, appearing], { folder });
  try {
    await journalReaches(stateDir(folder), lines);
    await sleep(settlingMs);
    const searches = isSearched ? await searchOn(server) : undefined;
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
async function searchOn({ target }: Server): Promise<{ end(): Promise<number> }> {
  let isOn = true;
  let done = 0;
  async function search(): Promise<void> {
    const answer = await fetch(`http://127.0.0.1:${target.port}/raw?q=nowhere-${done}`);
    const text = await answer.text();
    if (!answer.ok || text !== '')
      throw new Error(`A search was answered with ${answer.status}: ${text.slice(0, 200)}`);
  }
  await search();
  const all = (async () => {
    for (; isOn; done++) await search();
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
