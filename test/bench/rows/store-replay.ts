import { statSync } from 'node:fs';
import { join } from 'node:path';
import { startNatsServer } from '../../support/nats-server.ts';
import type { Bench } from '../bench.ts';
import { answerAsFile, fileOfLines, logIdIn } from '../kept-log.ts';
import { startSseTail } from '../programs/sse-tail.ts';
import type { Row } from '../row.ts';
import { count } from '../table.ts';
import { countBytes } from './replay.ts';
import { publishedTo } from './store-publish.ts';

export const row: Row = {
  name: 'store-replay',
  title: (bench) => `a log of ${count(linesOf(bench))} lines in NATS JetStream, through a gateway to one client`,
  measures: { 'MB/s': 'number', 'first byte ms': 'number', 'CPU s': 'number' },
  checks: [
    { measure: 'MB/s', entrant: 'sse-tail, cold gateway', to: 'sse-tail, on its disk', atLeast: 0.3 },
    { measure: 'MB/s', entrant: 'sse-tail, warm gateway', to: 'sse-tail, on its disk', atLeast: 0.9 },
  ],
  async prepare(bench) {
    const lines = linesOf(bench);
    const server = await startNatsServer();
    bench.atEnd(() => server.stop());
    const file = fileOfLines(bench, lines);
    const agent = await startSseTail(['-n', 'all', '--store', server.url, file.path], { folder: file.folder });
    bench.atEnd(() => agent.close());
    await publishedTo(server.url, lines);
    const path = `/logs/${logIdIn(file.folder)}/events?follow=0`;
    const startGateway = () => startSseTail(['serve', '--store', server.url], { folder: bench.folder() });
    const warm = await startGateway();
    bench.atEnd(() => warm.close());
    const bytes = join(bench.folder(), 'answer.sse');
    // A gateway's answer is some bytes longer, as each message begins with an origin. It is hot once it was read twice.
    await answerAsFile(warm, path, bytes);
    await answerAsFile(warm, path, bytes);
    await answerAsFile(agent, path, bytes);
    const { size } = statSync(bytes);
    return [
      { name: 'sse-tail, on its disk', measure: () => countBytes(agent, path, size) },
      {
        name: 'sse-tail, cold gateway',
        async measure() {
          const gateway = await startGateway();
          try {
            return await countBytes(gateway, path, size);
          } finally {
            await gateway.close();
          }
        },
      },
      { name: 'sse-tail, warm gateway', measure: () => countBytes(warm, path, size) },
    ];
  },
};

function linesOf(bench: Bench): number {
  return bench.size(1_000_000, 200_000);
}
