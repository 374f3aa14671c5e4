import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { within } from '../support/deadline.ts';
import { ask } from '../support/http-client.ts';
import { type ServedLog, serveLog } from '../support/served-log.ts';

let served: ServedLog;

beforeAll(async () => {
  served = await serveLog({ lines: 50, headersMs: 300, stallMs: 300 });
});
// It fails where the server met an error that nobody expected.
afterAll(() => served[Symbol.asyncDispose]());

/** What the server says to these bytes until it closes the connection, which it is asked to, or our side is closed behind them. */
async function say(bytes: Buffer, isEnded = false): Promise<string> {
  const socket = connect({ port: served.server.port, host: '127.0.0.1', allowHalfOpen: true });
  let answer = '';
  socket.setEncoding('latin1');
  socket.on('data', (text) => {
    answer += text;
    // Enough is known, and a live stream would not end by itself.
    if (answer.length > 100_000 || answer.includes('event: hello')) socket.destroy();
  });
  socket.on('error', () => {});
  socket.on('end', () => socket.end());
  if (isEnded) socket.end(bytes);
  else socket.write(bytes);
  await within('the end of the connection', once(socket, 'close'));
  return answer;
}

const parameter = fc.constantFrom(
  'from',
  'to',
  'tail',
  'limit',
  'skim',
  'follow',
  'lastEventId',
  'strip',
  'q',
  'x',
  '',
);
const value = fc.oneof(
  fc.constantFrom('', '0', '1', '-1', '1e9', '9007199254740993', '9'.repeat(400), 'NaN', '%00', '%', '%ff', '..'),
  fc.integer().map(String),
  fc.string({ maxLength: 30 }),
);
const query = fc.array(fc.tuple(parameter, value), { maxLength: 5 }).map((pairs) => {
  const text = pairs.map(([name, given]) => `${name}=${given}`).join('&');
  return text.replace(/[^\x21-\x7e]|#/g, (sign) => encodeURIComponent(sign.isWellFormed() ? sign : '?'));
});
const path = fc.constantFrom(
  '/events',
  '/raw',
  '/status',
  '/logs',
  '/healthz',
  '/',
  '/logs/x/events',
  '//',
  '/%',
  '/logs/%2e%2e/raw',
);

describe('whatever is asked', () => {
  it('parameters get an answer that says what is wrong, or what was asked for', async () => {
    await fc.assert(
      fc.asyncProperty(path, query, fc.option(value), async (where, parameters, lastEventId) => {
        const wanted = `${where}?${parameters}${parameters.includes('follow') ? '' : '&follow=0'}`;
        const given = lastEventId?.replace(/[^\x21-\x7e]/g, '?');
        const header = given === undefined ? '' : `Last-Event-ID: ${given}\r\n`;
        const answer = await say(
          Buffer.from(`GET ${wanted} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${header}\r\n`),
        );
        expect(answer).toMatch(/^HTTP\/1\.1 (200|204|302|400|404|406|414|431) /);
        if (answer.startsWith('HTTP/1.1 400')) expect(answer).toMatch(/"error":|^HTTP\/1\.1 400 Bad Request/);
      }),
      { numRuns: 300 },
    );
    expect((await ask(served.url('raw'))).body.split('\n').length).toBe(51);
  });

  it('bytes that are no request, or nearly one, are answered or dropped', async () => {
    const request = 'GET /events?follow=0 HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 7\r\nAccept: */*\r\n\r\n';
    const mutated = fc
      .tuple(fc.array(fc.tuple(fc.nat(request.length - 1), fc.nat(255)), { maxLength: 6 }), fc.nat(request.length))
      .map(([changes, cut]) => {
        const bytes = Buffer.from(request);
        for (const [at, byte] of changes) bytes[at] = byte;
        return cut % 3 === 0 ? bytes.subarray(0, cut) : bytes;
      });
    const noise = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(fc.oneof({ weight: 3, arbitrary: mutated }, noise), async (bytes) => {
        const answer = await say(bytes, true);
        expect(answer).toMatch(/^$|^HTTP\/1\.1 [2-4]\d\d /);
      }),
      { numRuns: 300 },
    );
    expect((await ask(served.url('healthz'))).status).toBe(200);
    expect(served.server.subscribers).toBe(0);
  });
});
