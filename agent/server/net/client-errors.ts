import type { Server as HttpServer, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { errorCode } from '../../words/errors.ts';
import { largestHead } from './http-server.ts';

/** How long a client may still send before the connection is closed on it: what it was told is lost in a reset. */
const lingerMs = 1000;

/** Node's own answers to what is no request have no words: a browser shows an empty page. */
export function answerClientErrors(server: HttpServer): void {
  const responses = new WeakMap<Socket, ServerResponse>();
  const answered = new WeakSet<Socket>();
  server.on('request', (request, response) => responses.set(request.socket, response));
  server.on('clientError', (error, socket) => {
    if (answered.has(socket as Socket)) return;
    const response = responses.get(socket as Socket);
    const isAnswering = response?.headersSent === true && !response.writableFinished;
    if (!socket.writable || isAnswering || errorCode(error) === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    answered.add(socket as Socket);
    socket.end(answerTo(errorCode(error) ?? ''));
    setTimeout(() => socket.destroy(), lingerMs).unref();
  });
  server.on('checkExpectation', (_request, response) => {
    response.writeHead(417, headersOf(unknownExpectation)).end(`${unknownExpectation}\n`);
  });
}

function answerTo(code: string): string {
  const [status, sentence] = reasons[code] ?? badRequest;
  const head = Object.entries(headersOf(sentence)).map(([name, value]) => `${name}: ${value}`);
  return `${[`HTTP/1.1 ${status}`, ...head].join('\r\n')}\r\n\r\n${sentence}\n`;
}

function headersOf(sentence: string): Record<string, string | number> {
  return {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    Connection: 'close',
    'Content-Length': Buffer.byteLength(sentence) + 1,
  };
}

const unknownExpectation = "sse-tail does not support this request's Expect header: only 100-continue is supported.";

const badRequest = ['400 Bad Request', 'sse-tail does not understand this as an HTTP request.'] as const;

const kib = largestHead / 1024;
const reasons: Readonly<Record<string, readonly [status: string, sentence: string]>> = {
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    `The request's headers are longer than ${kib} KiB. Usually these are cookies of other programs on the same host name, whatever their port: delete them, or open this page by another name of the host, such as its IP address.`,
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request took too long to arrive.'],
};
