import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseStoreAddress } from '../../../agent/journal/nats/cluster/store-address.ts';
import { openNatsStore } from '../../../agent/journal/nats/logs/nats-store.ts';
import type { LogStore } from '../../../agent/journal/store.ts';
import { startNatsServer } from '../../support/nats-server.ts';
import type { Bench } from '../bench.ts';
import { encodeLines, nowUs } from '../lines.ts';
import type { Row } from '../row.ts';
import { count } from '../table.ts';
import { ingest } from './ingest.ts';

export const row: Row = {
  name: 'store-publish',
  title: (bench) =>
    `a file of ${count(linesOf(bench))} lines of 100 bytes appears: until all of it is in NATS JetStream`,
  measures: { 'lines/s': 'rate', 'CPU s': 'number', 'peak MB': 'number' },
  checks: [{ measure: 'lines/s', entrant: 'sse-tail --store', to: 'sse-tail', atLeast: 0.4 }],
  async prepare(bench) {
    const lines = linesOf(bench);
    const content = join(bench.folder(), 'content.txt');
    writeFileSync(content, encodeLines(1, lines, nowUs()));
    const server = await startNatsServer();
    bench.atEnd(() => server.stop());
    let runs = 0;
    return [
      { name: 'sse-tail', measure: () => ingest(bench, content, lines) },
      {
        name: 'sse-tail --store',
        async measure() {
          const url = `${server.url}?name=run-${++runs}`;
          const store = await openNatsStore({ address: parseStoreAddress(url) });
          try {
            // How long it takes to connect is not what is measured.
            const ready = () => published(store, 0);
            const delivered = () => published(store, lines);
            return await ingest(bench, content, lines, { options: ['--store', url], ready, delivered });
          } finally {
            await store.close();
          }
        },
      },
    ];
  },
};

/** Resolves once the store's only log has so many lines. */
async function published(store: LogStore, lines: number): Promise<void> {
  for (;;) {
    const [summary] = await store.list();
    const log = summary && (await store.get(summary.id));
    if (log !== undefined && log.journal.lastId >= lines) return;
    // Each look takes the server a batch that it reads and encodes.
    await sleep(10);
  }
}

export async function publishedTo(url: string, lines: number): Promise<void> {
  const store = await openNatsStore({ address: parseStoreAddress(url) });
  try {
    await published(store, lines);
  } finally {
    await store.close();
  }
}

function linesOf(bench: Bench): number {
  return bench.size(1_000_000, 200_000);
}
