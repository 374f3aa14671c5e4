import { connect, type Socket } from 'node:net';
import { until } from './deadline.ts';
import { ask } from './http-client.ts';
import type { ServedLog } from './served-log.ts';

/** More than the sockets of a connection take in, so that a client that reads nothing keeps its search from ending. */
export async function fillForHeldSearches(served: ServedLog): Promise<void> {
  const text = `${'x'.repeat(200)} y`;
  for (let batch = 0; batch < 60; batch++) await served.append(Array.from({ length: 2000 }, () => text));
}

/**
 * Begins so many searches from one address, whose clients read nothing of what is found: they go on until their sockets
 * are destroyed. A search for what is not there would end once all of the log is known.
 */
export async function holdSearches(served: ServedLog, count: number, localAddress = '127.0.0.1'): Promise<Socket[]> {
  const earlier = await runningSearches(served);
  const { port } = served.server;
  const held = Array.from({ length: count }, () => {
    const socket = connect({ port, host: '127.0.0.1', localAddress }).on('error', () => {});
    socket.write('GET /raw?q=y HTTP/1.1\r\nHost: localhost\r\n\r\n');
    return socket;
  });
  await until(`${count} searches`, async () => (await runningSearches(served)) === earlier + count);
  return held;
}

async function runningSearches(served: ServedLog): Promise<number> {
  const { body } = await ask(served.url('metrics'));
  return Number(/^sse_tail_searches_running (\d+)$/m.exec(body)?.[1]);
}
