import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseStoreAddress } from '../../agent/journal/nats/cluster/store-address.ts';
import { openNatsStore } from '../../agent/journal/nats/logs/nats-store.ts';
import { createServer } from '../../agent/server/server.ts';
import { until } from '../support/deadline.ts';
import { startFlakyProxy } from '../support/flaky-proxy.ts';
import { open, type Streaming } from '../support/http-client.ts';
import { append } from '../support/journal.ts';
import { hasNatsServer, natsTitle, startNatsServer } from '../support/nats-server.ts';
import { publishLog } from '../support/published-log.ts';
import { tempFolder } from '../support/temp-folder.ts';

const settings = '?shards=1&sync-interval=always';

/** A log of five lines that an agent writes, and an operator's connection. */
async function published(url: string, operatorUrl = url) {
  const { log, publisher } = await publishLog(`${url}${settings}`);
  log.setStatus({ state: 'running', startedAt: 1 });
  await append(log.journal, ['1', '2', '3', '4', '5']);
  expect(await publisher.delivered(20_000)).toBe(true);
  const operator = await connect({ servers: new URL(operatorUrl).host });
  onTestFinished(() => operator.close());
  const manager = await jetstreamManager(operator, { checkAPI: false });
  return { log, operator, deleteStream: () => manager.streams.delete('sse-tail-0') };
}

/** A gateway that comes now; what a client gets from it that has seen the log up to a line. */
async function startGateway(url: string) {
  const store = await openNatsStore({ address: parseStoreAddress(`${url}${settings}`) });
  const server = await createServer({
    store,
    current: () => undefined,
    viewerDir: await tempFolder(),
    version: '1.2.3',
    host: '127.0.0.1',
    port: 0,
    report: () => {},
  });
  onTestFinished(async () => {
    await server.close();
    await store.close();
  });
  return async (id: string, lastEventId: number): Promise<Streaming> => {
    const headers = { 'Last-Event-ID': String(lastEventId) };
    const streaming = await open(`http://127.0.0.1:${server.port}/logs/${id}/events`, { headers });
    onTestFinished(() => streaming[Symbol.dispose]());
    return streaming;
  };
}

const hasReset = ({ events }: Streaming) => events.some(({ type }) => type === 'reset');

describe.skipIf(!hasNatsServer)(natsTitle('a client that resumes at a gateway that has just come'), () => {
  test('is not reset over lines that the stream has lost and the agent still has', async () => {
    await using server = await startNatsServer();
    const { log, deleteStream } = await published(server.url);
    await deleteStream();
    const resume = await startGateway(server.url);
    const seen = await resume(log.info.id, 5);
    await append(log.journal, ['6']);
    await seen.until('the next line', ({ ids }) => ids.length > 0);
    expect(seen.ids).toEqual([6]);
    expect(hasReset(seen)).toBe(false);
  });

  test('waits for an agent that does not answer at the moment', async () => {
    await using server = await startNatsServer();
    await using proxy = await startFlakyProxy(() => server.port);
    const { log, operator, deleteStream } = await published(`nats://127.0.0.1:${proxy.port}`, server.url);
    let asked = 0;
    operator.subscribe('sse-tail-writer.>', { callback: () => void asked++ });
    await operator.flush();
    proxy.stall();
    await deleteStream();
    const resume = await startGateway(server.url);
    const seeing = resume(log.info.id, 5);
    await until('two questions to the agent', () => asked > 1);
    proxy.resume();
    const seen = await seeing;
    await append(log.journal, ['6']);
    await seen.until('the next line', ({ ids }) => ids.length > 0);
    expect(seen.ids).toEqual([6]);
    expect(hasReset(seen)).toBe(false);
  });

  test('is reset where it has seen a line that the agent does not have', async () => {
    await using server = await startNatsServer();
    const { log } = await published(server.url);
    const resume = await startGateway(server.url);
    const seen = await resume(log.info.id, 6);
    await seen.until('the lines', ({ ids }) => ids.length === 5);
    expect(hasReset(seen)).toBe(true);
  });
});
