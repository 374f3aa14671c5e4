import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { within } from '../../support/deadline.ts';
import type { Bench } from '../bench.ts';
import { growSparsely, keepLogs } from '../kept-log.ts';
import { encodeLines, nowUs } from '../lines.ts';
import { start, stop } from '../processes.ts';
import { firstMatch } from '../programs/program.ts';
import { launchSseTail, startSseTail, stateDir } from '../programs/sse-tail.ts';
import type { Row, Sample } from '../row.ts';
import { median } from '../statistics.ts';

/** One start varies by more than what is asked for. */
const startsPerRun = 5;

const manyLogs = 'sse-tail, 1,000 kept logs';
const largeLog = 'sse-tail, a log of 10 GiB';
const bareServer = new URL('../floors/bare-server.mjs', import.meta.url).pathname;

export const row: Row = {
  name: 'start',
  title: () => 'from the typed command to the first answer of its URL',
  measures: { ms: 'number' },
  checks: [
    { measure: 'ms', to: 'node -e 0', atMost: 2 },
    { measure: 'ms', entrant: manyLogs, to: 'sse-tail', is: 'difference', atMost: 20 },
    { measure: 'ms', entrant: largeLog, to: 'sse-tail', is: 'difference', atMost: 20 },
  ],
  async prepare(bench) {
    const [among, large] = [await folderWithManyLogs(bench), await folderWithLargeLog(bench)];
    return [
      { name: 'sse-tail', measure: () => several(() => firstAnswer(followedFile(bench.folder()))) },
      { name: manyLogs, measure: () => several(() => firstAnswer(among)) },
      { name: largeLog, measure: () => several(() => firstAnswer(large)) },
      { name: 'a bare server on Node', measure: () => several(firstAnswerOfBareServer) },
      { name: 'node -e 0', measure: () => several(bareNode) },
    ];
  },
};

interface Followed {
  folder: string;
  path: string;
}

function followedFile(folder: string): Followed {
  const path = join(folder, 'app.log');
  writeFileSync(path, 'a line\n');
  return { folder, path };
}

/** A store as agents leave it: one of them has run there since the last of the logs was kept. */
async function folderWithManyLogs(bench: Bench): Promise<Followed> {
  const followed = followedFile(bench.folder());
  await keepLogs(stateDir(followed.folder), bench.size(1000, 50));
  await (await startSseTail([followed.path], followed)).close();
  return followed;
}

async function folderWithLargeLog(bench: Bench): Promise<Followed> {
  const followed = { folder: bench.folder(), path: '' };
  followed.path = join(followed.folder, 'app.log');
  writeFileSync(followed.path, '');
  const write = () => appendFileSync(followed.path, encodeLines(1, 100_000, nowUs()));
  await growSparsely(followed, bench.size(10 * 1024 ** 3, 1024 ** 3), write);
  return followed;
}

async function several(measure: () => Promise<number>): Promise<Sample> {
  const times: number[] = [];
  for (let i = 0; i < startsPerRun; i++) times.push(await measure());
  return { ms: median(times) };
}

async function firstAnswer({ folder, path }: Followed): Promise<number> {
  const startedUs = nowUs();
  const { child, url } = launchSseTail(['--retain', '16GiB', path], { folder });
  return answered(child, url, '/status', startedUs);
}

async function firstAnswerOfBareServer(): Promise<number> {
  const startedUs = nowUs();
  const child = start(process.execPath, [bareServer], { stdio: ['ignore', 'ignore', 'pipe'] });
  return answered(child, firstMatch(child, 'stderr', /(http:.*)\n/), '/', startedUs);
}

async function answered(child: ChildProcess, url: Promise<string>, path: string, startedUs: number): Promise<number> {
  try {
    const { port } = new URL(await url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
    const [answer] = await within('an answer', once(socket, 'data'));
    const ms = (nowUs() - startedUs) / 1000;
    socket.destroy();
    if (!String(answer).startsWith('HTTP/1.1 200')) throw new Error(`${path} answered ${String(answer).slice(0, 80)}`);
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
