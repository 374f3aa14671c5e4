import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fetchStream } from '../../../../web/stream/fetch-stream.ts';
import type { StreamEnd } from '../../../../web/stream/stream.ts';

let server: Server;
let url: string;
let respond: (response: ServerResponse) => void;

beforeEach(async () => {
  server = createServer((_request, response) => respond(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function read() {
  const seen: { events: [string, string, string][]; ends: StreamEnd[] } = { events: [], ends: [] };
  const stream = fetchStream(url, {
    open: () => undefined,
    event: (...event) => seen.events.push(event),
    end: (reason) => seen.ends.push(reason),
  });
  return { ...seen, stream };
}

test('events come as they are written, characters cut between pieces included', async () => {
  const bytes = Buffer.from('event: hello\ndata: {}\n\nid: 1\ndata: grün ✓ 🚀\n\n');
  respond = async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const byte of bytes) {
      response.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
  };
  const { events, ends, stream } = read();
  await vi.waitFor(() => expect(events).toHaveLength(2), 5000);
  expect(events).toEqual([
    ['hello', '{}', ''],
    ['message', 'grün ✓ 🚀', '1'],
  ]);
  expect(ends).toEqual([]);
  stream.close();
});

test('a connection that breaks is lost', async () => {
  respond = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('id: 1\ndata: a\n\n', () => response.destroy());
  };
  const { ends } = read();
  await vi.waitFor(() => expect(ends).toEqual([{ kind: 'lost' }]), 5000);
});

test('an answer that is no stream is refused with its status', async () => {
  for (const status of [204, 403, 503]) {
    respond = (response) => response.writeHead(status).end();
    const { ends } = read();
    await vi.waitFor(() => expect(ends).toEqual([{ kind: 'refused', status }]), 5000);
  }
});

test('a page in place of the stream is no stream', async () => {
  respond = (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>log in');
  const { ends } = read();
  await vi.waitFor(() => expect(ends).toEqual([{ kind: 'refused', status: 200 }]), 5000);
});

test('nothing comes after it was closed, and the agent sees that it was', async () => {
  let isGone = false;
  respond = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('id: 1\ndata: a\n\n');
    response.on('close', () => {
      isGone = true;
    });
  };
  const { events, ends, stream } = read();
  await vi.waitFor(() => expect(events).toHaveLength(1), 5000);
  stream.close();
  await vi.waitFor(() => expect(isGone).toBe(true), 5000);
  expect(ends).toEqual([]);
});
