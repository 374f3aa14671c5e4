import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { answerAsFile, fileOfLines, followAll } from '../kept-log.ts';
import { startClient } from '../load/client.ts';
import type { Target } from '../load/target.ts';
import { floor } from '../programs/floor.ts';
import type { Row, Sample } from '../row.ts';
import { count } from '../table.ts';

const many = 'sse-tail, ten times the lines';

export const row: Row = {
  name: 'backlog',
  title: (bench) => `a client that connects after ${count(linesOf(bench))} lines`,
  measures: { 'all ms': 'number', 'first line ms': 'number', lost: 'count', doubled: 'count' },
  checks: [
    { measure: 'lost', atMost: 0 },
    { measure: 'doubled', atMost: 0 },
    { measure: 'all ms', to: 'floor', atMost: 1.5 },
    { measure: 'first line ms', atMost: 20 },
    { measure: 'first line ms', entrant: many, atMost: 20 },
  ],
  async prepare(bench) {
    const lines = linesOf(bench);
    const file = fileOfLines(bench, lines);
    const agent = await followAll(file, lines);
    bench.atEnd(() => agent.close());
    const bytes = join(file.folder, 'answer.sse');
    await answerAsFile(agent, '/events?follow=0', bytes);
    const floorServer = await floor.serve(bytes, file.folder);
    bench.atEnd(() => floorServer.close());

    const manyLines = 10 * lines;
    const agentOfMany = await followAll(fileOfLines(bench, manyLines), manyLines);
    bench.atEnd(() => agentOfMany.close());
    return [
      { name: 'sse-tail', measure: () => fetchAll(agent.target, lines) },
      { name: 'floor', measure: () => fetchAll(floorServer.target, lines) },
      { name: many, measure: () => fetchAll(agentOfMany.target, manyLines) },
    ];
  },
};

async function fetchAll(target: Target, lines: number): Promise<Sample> {
  const client = startClient({ target, until: lines });
  try {
    const report = await client.done();
    return {
      'all ms': (report.doneUs - report.connectedUs) / 1000,
      'first line ms': (report.firstUs - report.connectedUs) / 1000,
      lost: report.lost,
      doubled: report.doubled,
    };
  } finally {
    await client.close();
  }
}

function linesOf(bench: Bench): number {
  return bench.size(1_000_000, 100_000);
}
