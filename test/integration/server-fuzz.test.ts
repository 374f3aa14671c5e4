import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until, within } from '../support/deadline.ts';
import { ask } from '../support/http-client.ts';
import { nonsenseBytes, nonsenseHeaders, nonsensePath, nonsenseQuery, nonsenseValue } from '../support/nonsense.ts';
import { type ServedLog, serveLog } from '../support/served-log.ts';

let served: ServedLog;

beforeAll(async () => {
  served = await serveLog({ lines: 50, headersMs: 300, stallMs: 300 });
});
// It fails where the server met an error that nobody expected.
afterAll(() => served[Symbol.asyncDispose]());

/**
 * What the server says to these bytes until it closes the connection, which it is asked to, or our side is closed
 * behind them.
 */
async function say(bytes: Buffer, isEnded = false): Promise<string> {
  const socket = connect({ port: served.server.port, host: '127.0.0.1', allowHalfOpen: true });
  const asked = bytes.toString('latin1');
  let answer = '';
  socket.setEncoding('latin1');
  socket.on('data', (text) => {
    answer += text;
    // Enough is known, and what follows the log would not end by itself.
    const isFollowing =
      answer.includes('event: hello') || (/[?&]follow=1[& ]/.test(asked) && answer.includes('\r\n\r\n'));
    if (answer.length > 100_000 || isFollowing) socket.destroy();
  });
  socket.on('error', () => {});
  socket.on('end', () => socket.end());
  if (isEnded) socket.end(bytes);
  else socket.write(bytes);
  await within('the end of the connection', once(socket, 'close'));
  return answer;
}

describe('whatever is asked', () => {
  it('parameters get an answer that says what is wrong, or what was asked for', async () => {
    await fc.assert(
      fc.asyncProperty(
        nonsensePath,
        nonsenseQuery,
        fc.option(nonsenseValue),
        async (where, parameters, lastEventId) => {
          const wanted = `${where}?${parameters}${parameters.includes('follow') ? '' : '&follow=0'}`;
          const given = lastEventId?.replace(/[^\x21-\x7e]/g, '?');
          const header = given === undefined ? '' : `Last-Event-ID: ${given}\r\n`;
          const answer = await say(
            Buffer.from(`GET ${wanted} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${header}\r\n`),
          );
          expect(answer).toMatch(/^HTTP\/1\.1 (200|204|302|400|404|406|414|431) /);
          if (answer.startsWith('HTTP/1.1 400')) expect(answer).toMatch(/"error":|^HTTP\/1\.1 400 Bad Request/);
        },
      ),
      { numRuns: 120 },
    );
    expect((await ask(served.url('raw'))).body.split('\n').length).toBe(51);
  });

  it('headers get an answer, and never that of a mistake in the server', async () => {
    // Behind each request stands one that ends the connection.
    const last = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'HEAD'),
        nonsensePath,
        nonsenseHeaders,
        async (method, where, headers) => {
          const host = /^host:/im.test(headers) ? '' : 'Host: localhost\r\n';
          const asked = `${method} ${where}?follow=0 HTTP/1.1\r\n${host}${headers}\r\n${last}`;
          const answer = await say(Buffer.from(asked, 'latin1'));
          expect(answer).toMatch(/^HTTP\/1\.1 [1-4]\d\d /);
          expect(answer).not.toMatch(/\n +at |node_modules/);
        },
      ),
      { numRuns: 200 },
    );
    expect((await ask(served.url('raw'))).body.split('\n').length).toBe(51);
    await until('the leaving of all', () => served.server.subscribers === 0);
  });

  it.each([
    ['another protocol', '200 OK', 'Connection: upgrade\r\nUpgrade: h2c'],
    ['what the server does not do', '417 Expectation Failed', 'Expect: miracles'],
    ['both', '417 Expectation Failed', 'Expect: miracles\r\nConnection: x\r\nUpgrade: y\r\nConnection: upgrade'],
  ])('a connection ends behind a request for %s: Node drops what follows it', async (_what, status, headers) => {
    const answer = await say(Buffer.from(`GET /healthz HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n\r\n`));
    expect(answer).toContain(`HTTP/1.1 ${status}\r\n`);
    expect(answer).toContain('\r\nConnection: close\r\n');
  });

  it('bytes that are no request, or nearly one, are answered or dropped', async () => {
    await fc.assert(
      fc.asyncProperty(nonsenseBytes, async (bytes) => {
        const answer = await say(bytes, true);
        expect(answer).toMatch(/^$|^HTTP\/1\.1 [2-4]\d\d /);
      }),
      { numRuns: 120 },
    );
    expect((await ask(served.url('healthz'))).status).toBe(200);
    await until('the leaving of all', () => served.server.subscribers === 0);
  });
});
