import { appendFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { journalReaches, onlyLogDir, segmentPaths } from '../journal-watch.ts';
import { type Agent, startSseTail, stateDir } from '../programs/sse-tail.ts';
import type { Row, Sample } from '../row.ts';

/** So many lines come first, at once: ids have as many digits as in a log of some size. */
const linesBefore = 100_000;
const textBytes = 85;
const intervalMs = 40;

const followed = 'sse-tail, a followed file';

export const row: Row = {
  name: 'bytes',
  title: (bench) =>
    `a command that prints ${linesOf(bench)} lines of ${textBytes} characters, one at a time: bytes for each byte of text`,
  measures: { wire: 'number', journal: 'number' },
  checks: [
    { measure: 'wire', atMost: 1.8 },
    { entrant: followed, measure: 'wire', atMost: 1.8 },
    { measure: 'journal', atMost: 2.2 },
    { entrant: followed, measure: 'journal', atMost: 2.2 },
  ],
  async prepare(bench) {
    const lines = linesOf(bench);
    return [
      { name: 'sse-tail', mostRuns: 1, measure: () => measureCommand(bench.folder(), lines) },
      { name: followed, mostRuns: 1, measure: () => measureFile(bench.folder(), lines) },
    ];
  },
};

async function measureCommand(folder: string, lines: number): Promise<Sample> {
  const starter = join(folder, 'starter');
  const script = `while [ ! -e "$0" ]; do sleep 0.05; done; yes '' | head -n ${linesBefore}
    sleep 0.5; while read -r line; do echo "$line"; sleep ${intervalMs / 1000}; done`;
  writeFileSync(join(folder, 'lines'), text(lines));
  const command = ['bash', '-c', `(${script}) < lines; sleep 60`, starter];
  const agent = await startSseTail(['-q', '--linger', 'forever', '--', ...command], { folder });
  return measure(agent, folder, lines, () => writeFileSync(starter, ''));
}

async function measureFile(folder: string, lines: number): Promise<Sample> {
  const path = join(folder, 'app.log');
  writeFileSync(path, '');
  const agent = await startSseTail(['-n', 'all', path], { folder });
  return measure(agent, folder, lines, async () => {
    appendFileSync(path, '\n'.repeat(linesBefore));
    await journalReaches(stateDir(folder), linesBefore);
    for (const line of text(lines).match(/.*\n/g) ?? []) {
      appendFileSync(path, line);
      await sleep(intervalMs);
    }
  });
}

/** What the lines after the first ones take, in the answer that a client gets live and in the segments. */
async function measure(agent: Agent, folder: string, lines: number, begin: () => unknown): Promise<Sample> {
  const { port, path } = agent.target;
  try {
    const lastId = linesBefore + lines;
    const response = await fetch(`http://127.0.0.1:${port}${path}?to=${lastId}`);
    const [answer] = await Promise.all([response.text(), begin()]);
    const alone = answer.slice(answer.indexOf('\n\n', answer.indexOf(`\nid: ${linesBefore}\n`)) + 2);
    const origins = alone.match(/^event: origin$/gm)?.length ?? 0;
    if (origins < 0.95 * lines) throw new Error(`${lines} lines came in ${origins} batches, not one at a time`);
    await journalReaches(stateDir(folder), lastId);
    const { journal, before } = await journalBytes(folder);
    const total = lines * textBytes;
    return { wire: Buffer.byteLength(alone) / total, journal: (journal - before) / total };
  } finally {
    await agent.close();
  }
}

/** Bytes of the segments, and where in them the first lines end. */
async function journalBytes(folder: string): Promise<{ journal: number; before: number }> {
  const [path, ...more] = segmentPaths(onlyLogDir(stateDir(folder)) as string);
  if (path === undefined || more.length > 0) throw new Error('one segment was expected');
  const bytes = await readFile(path);
  const batch = bytes.lastIndexOf('event: origin', bytes.indexOf(`\nid: ${linesBefore + 1}\n`));
  return { journal: bytes.length, before: batch };
}

function text(lines: number): string {
  return `${'x'.repeat(textBytes)}\n`.repeat(lines);
}

function linesOf(bench: Bench): number {
  return bench.size(300, 100);
}
