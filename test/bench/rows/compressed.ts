import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { type AskedFor, answerOf } from '../load/download.ts';
import { startWriter } from '../load/writer.ts';
import { cpuSeconds } from '../processes.ts';
import { sseTail } from '../programs/sse-tail.ts';
import type { Row, Sample } from '../row.ts';

const viewers = 100;
const perSecond = 2000;

export const row: Row = {
  name: 'compressed',
  title: () => `${viewers} viewers of one log at ${perSecond.toLocaleString('en')} lines/s, live`,
  measures: { 'CPU s': 'number', 'MB to each': 'number' },
  checks: [{ measure: 'CPU s', to: 'sse-tail, not compressed', atMost: 1.3 }],
  async prepare(bench) {
    return [
      { name: 'sse-tail', measure: () => watch(bench, 'gzip') },
      { name: 'sse-tail, not compressed', measure: () => watch(bench, 'plain') },
    ];
  },
};

async function watch(bench: Bench, asked: AskedFor): Promise<Sample> {
  const folder = bench.folder();
  const path = join(folder, 'app.log');
  writeFileSync(path, '');
  const lines = perSecond * bench.size(8, 2);
  const writer = await startWriter({ path, first: 1, lines, perSecond });
  const server = await sseTail.follow(path, folder);
  try {
    const { port, path: events } = server.target;
    const answers = await Promise.all(
      Array.from({ length: viewers }, () => answerOf(port, `${events}?to=${lines}`, asked)),
    );
    let bytes = 0;
    const ends = answers.map((answer) => {
      answer.on('data', (part: Buffer) => {
        bytes += part.length;
      });
      return once(answer, 'end');
    });
    const before = cpuSeconds(server.pid);
    await Promise.all([writer.run(), ...ends]);
    return { 'CPU s': cpuSeconds(server.pid) - before, 'MB to each': bytes / viewers / 1e6 };
  } finally {
    await writer.close();
    await server.close();
  }
}
