import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { grepLogs } from '../../../../agent/cli/logs/grep.ts';
import { createBatchBuilder } from '../../../../agent/frame/encode.ts';
import { createFileStore } from '../../../../agent/journal/disk/logs/file-store.ts';
import { heapBytes } from '../../../support/memory.ts';

/** What is found out about them takes some 170 KiB. */
const errors = Array.from({ length: 4000 }, (_, i) =>
  Buffer.from(`2026-11-28 10:00:00.${i} ERROR request ${i} failed`),
);

it('a log that was searched is not held on to while others are', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'sse-tail-test-'));
  try {
    const store = await createFileStore({ dir });
    const ids: string[] = [];
    for (let n = 0; n < 16; n++) {
      const log = await store.create({ kind: 'command', name: `log ${n}`, argv: ['make'], cwd: dir });
      const builder = createBatchBuilder(1);
      builder.origin({ time: Date.now() });
      for (const line of errors) builder.line(line, 0, line.length);
      const batch = builder.take();
      if (batch !== undefined) await log.journal.append(batch);
      ids.push(log.info.id);
    }
    await store.close();
    // The sentence about a log that is not there comes between those before it and those after it.
    const words = [...ids.slice(0, 6), 'none', ...ids.slice(6), 'nor'];
    const held: number[] = [];
    const code = await grepLogs('nowhere', words, { dir, level: ['error'], report: () => held.push(heapBytes()) });
    expect(code).toBe(2);
    const [early = 0, late = 0] = held;
    expect(held).toHaveLength(2);
    expect((late - early) / 10).toBeLessThan(96 * 1024);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
