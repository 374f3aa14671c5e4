import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { followAll, logIdIn } from '../kept-log.ts';
import { type AskedFor, download } from '../load/download.ts';
import { homeLine, startSlowLine } from '../load/slow-line.ts';
import type { Row, Sample } from '../row.ts';

export const row: Row = {
  name: 'slow-line',
  title: (bench) => `a build log of ${megabytesOf(bench)} MB over a line of 20 Mbit/s and 40 ms, as text`,
  measures: { s: 'number', 'wire MB': 'number' },
  checks: [{ measure: 's', to: 'sse-tail, not compressed', atMost: 0.25 }],
  async prepare(bench) {
    const folder = bench.folder();
    const path = join(folder, 'build.log');
    const lines = writeBuildLog(path, megabytesOf(bench) * 1e6);
    const agent = await followAll({ folder, path }, lines);
    bench.atEnd(() => agent.close());
    const line = await startSlowLine(agent.target.port, homeLine);
    bench.atEnd(() => line.close());

    const expected = createHash('sha256').update(readFileSync(path)).digest('hex');
    const resource = `/logs/${logIdIn(folder)}/raw?from=1&to=${lines}`;
    const measure = async (asked: AskedFor): Promise<Sample> => {
      const { ms, wireBytes, hash } = await download(line.port, resource, asked);
      if (hash !== expected) throw new Error('what came is not what was written');
      return { s: ms / 1000, 'wire MB': wireBytes / 1e6 };
    };
    return [
      { name: 'sse-tail', mostRuns: 2, measure: () => measure('gzip') },
      { name: 'sse-tail, not compressed', mostRuns: 1, measure: () => measure('plain') },
    ];
  },
};

const words = ['parser', 'lexer', 'codegen', 'runtime', 'network', 'storage', 'render', 'layout', 'crypto', 'common'];

/** What a C++ build prints, paths and durations as if by chance. Returns how many lines it has. */
function writeBuildLog(path: string, bytes: number): number {
  let seed = 1;
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const parts: string[] = [];
  let size = 0;
  for (let step = 1; size < bytes; step++) {
    const [a, b] = [words[random(words.length)], words[random(words.length)]];
    const unit = `src/${a}/${b}_${random(4000).toString(36)}.cc`;
    const text =
      random(40) === 0
        ? `${unit}:${random(2000)}:${random(80)}: \x1b[35mwarning:\x1b[0m unused variable 'v${random(500)}' [-Wunused-variable]`
        : `\x1b[32m[${step}/900000]\x1b[0m c++ -O2 -Wall -Isrc/${a} -c ${unit} -o build/${random(16 ** 6).toString(16)}.o (${random(9000)} ms)`;
    parts.push(`${text}\n`);
    size += text.length + 1;
  }
  writeFileSync(path, parts.join(''));
  return parts.length;
}

function megabytesOf(bench: Bench): number {
  return bench.size(100, 5);
}
