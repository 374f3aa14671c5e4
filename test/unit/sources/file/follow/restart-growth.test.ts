import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFileSource } from '../../../../../agent/sources/file/file.ts';
import { linear } from '../../../../support/growth.ts';
import { createRecordingSink } from '../../../../support/recording-sink.ts';

/** Processor time in milliseconds that a log takes which was rotated so often while nobody followed it. */
async function timeOf(rotations: number): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'sse-tail-growth-'));
  try {
    const path = join(directory, 'app.log');
    writeFileSync(path, '0\n');
    const first = createRecordingSink();
    const source = createFileSource({ paths: [path], start: 'all' });
    await source.start(first);
    await first.until(() => first.lines.length === 1, 'the first line');
    await source.stop();
    for (let at = 1; at <= rotations; at++) {
      renameSync(path, `${path}.${rotations + 1 - at}`);
      writeFileSync(path, `${at}\n`);
    }
    const before = process.cpuUsage();
    const second = createRecordingSink();
    const resumed = createFileSource({ paths: [path], start: 'all', positions: first.positions });
    await resumed.start(second);
    await second.until(() => second.lines.length >= rotations, 'all lines');
    const { user, system } = process.cpuUsage(before);
    await resumed.stop();
    expect(second.lines).toEqual(Array.from({ length: rotations }, (_, at) => String(at + 1)));
    return (user + system) / 1000;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

test('what was rotated while nobody followed takes time by its number, and not by its square', async () => {
  await timeOf(20);
  let [small, large] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < 3 && !(large < linear * small); round++) {
    small = Math.min(small, await timeOf(100));
    large = Math.min(large, await timeOf(1200));
  }
  expect(large / small).toBeLessThan(linear);
});
