import { createServer, get, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { inTime } from '../../../../agent/server/answers/in-time.ts';
import { createDeferred } from '../../../../agent/system/deferred.ts';
import { within } from '../../../support/deadline.ts';
import { collectGarbage } from '../../../support/memory.ts';

const never = 2 ** 31 - 1;

/** A response that a client waits for. */
async function awaited() {
  const asked = createDeferred<ServerResponse>();
  const server = createServer((_, response) => asked.resolve(response)).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const client = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' }).on('error', () => {});
  return { response: await within('the request', asked.promise), client };
}

/** Comes to no end by itself. */
function untilAborted(signal: AbortSignal): Promise<'aborted'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('aborted');
    signal.addEventListener('abort', () => resolve('aborted'));
  });
}

it('aborts when its time is over, also where garbage was collected meanwhile', async () => {
  const { response } = await awaited();
  const end = inTime(response, 200, untilAborted);
  for (let times = 0; times < 3; times++) {
    await turn();
    collectGarbage();
  }
  expect(await within('the end', end, 10_000)).toBe('aborted');
});

it('aborts when the client has left, or had left before', async () => {
  const { response, client } = await awaited();
  const end = inTime(response, never, untilAborted);
  client.destroy();
  expect(await within('the end', end)).toBe('aborted');
  expect(await within('the end', inTime(response, never, untilAborted))).toBe('aborted');
});

it('leaves nothing behind of work that was done or has failed', async () => {
  const { response } = await awaited();
  const before = response.listenerCount('close');
  const signals: AbortSignal[] = [];
  const work = async (signal: AbortSignal) => signals.push(signal);
  expect(await inTime(response, never, work)).toBe(1);
  await expect(inTime(response, never, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(response.listenerCount('close')).toBe(before);
  response.end();
  expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
});
