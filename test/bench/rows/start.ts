import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { within } from '../../support/deadline.ts';
import type { Bench } from '../bench.ts';
import { nowUs } from '../lines.ts';
import { start, stop } from '../processes.ts';
import { launchSseTail } from '../programs/sse-tail.ts';
import type { Row, Sample } from '../row.ts';
import { median } from '../statistics.ts';

/** One start varies by more than what is asked for. */
const startsPerRun = 5;

export const row: Row = {
  name: 'start',
  title: () => 'from the typed command to the first answer of its URL',
  measures: { ms: 'number' },
  checks: [{ measure: 'ms', to: 'node -e 0', atMost: 2 }],
  async prepare(bench) {
    return [
      { name: 'sse-tail', measure: () => several(() => firstAnswer(bench)) },
      { name: 'node -e 0', measure: () => several(bareNode) },
    ];
  },
};

async function several(measure: () => Promise<number>): Promise<Sample> {
  const times: number[] = [];
  for (let i = 0; i < startsPerRun; i++) times.push(await measure());
  return { ms: median(times) };
}

async function firstAnswer(bench: Bench): Promise<number> {
  const folder = bench.folder();
  const path = join(folder, 'app.log');
  writeFileSync(path, 'a line\n');
  const startedUs = nowUs();
  const { child, url } = launchSseTail([path], { folder });
  try {
    const { port } = new URL(await url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`GET /status HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
    const [answer] = await within('an answer', once(socket, 'data'));
    const ms = (nowUs() - startedUs) / 1000;
    socket.destroy();
    if (!String(answer).startsWith('HTTP/1.1 200')) throw new Error(`/status answered ${String(answer).slice(0, 80)}`);
    return ms;
  } finally {
    await stop(child);
  }
}

async function bareNode(): Promise<number> {
  const startedUs = nowUs();
  await once(start(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return (nowUs() - startedUs) / 1000;
}
