import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import * as zlib from 'node:zlib';
import { until } from './deadline.ts';
import { parseEvents, parseLines, type WireEvent } from './event-text.ts';
import { createUnzstd } from './unzstd.ts';

/** A response as it comes. */
export interface Streaming extends Disposable {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Bytes of the body that have come, compressed where it is. */
  readonly wireBytes: number;
  /** What has come so far, unpacked. */
  readonly body: string;
  readonly events: WireEvent[];
  /** Ids of the lines that have come. */
  readonly ids: number[];
  /** `complete` once the response came to its own end, `cut` when the connection broke before. */
  readonly end: 'open' | 'complete' | 'cut';
  pause(): void;
  resume(): void;
  /** Waits for a fact about what has come. */
  until(name: string, isSo: (streaming: Streaming) => boolean): Promise<void>;
  /** The body, once it is complete. */
  whole(deadlineMs?: number): Promise<string>;
}

export interface Asking {
  method?: string;
  headers?: Record<string, string>;
  /** Sent after the headers. */
  body?: string;
  /** Path of a Unix socket to connect to instead of the URL's host. */
  socketPath?: string;
  /** PEM of the certificate that is trusted. */
  ca?: Buffer;
  /** Address of this machine to connect from. */
  localAddress?: string;
}

/** Makes a request on a connection of its own; resolves once the headers are there. */
export function open(url: string, { method = 'GET', body, ...asking }: Asking = {}): Promise<Streaming> {
  return new Promise((resolve, reject) => {
    const ask = url.startsWith('https:') ? secureRequest : request;
    const asked = ask(url, { method, ...asking, agent: false }, (response) =>
      resolve(streamingOf(response, method !== 'HEAD')),
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

/** A whole response. */
export async function ask(url: string, asking?: Asking, deadlineMs?: number): Promise<Streaming> {
  const streaming = await open(url, asking);
  await streaming.whole(deadlineMs);
  return streaming;
}

function streamingOf(response: IncomingMessage, hasBody: boolean): Streaming {
  const chunks: Buffer[] = [];
  let wireBytes = 0;
  let end: Streaming['end'] = 'open';
  const cut = () => {
    if (end === 'open') end = 'cut';
  };
  response.on('data', (bytes: Buffer) => {
    wireBytes += bytes.length;
  });
  const body = unpacked(response, hasBody && response.statusCode === 200);
  body.on('data', (bytes) => chunks.push(bytes));
  body.on('end', () => {
    end = 'complete';
  });
  for (const stream of new Set([body, response])) stream.on('error', cut);
  response.on('close', () => {
    if (!response.complete) cut();
  });
  const streaming: Streaming = {
    status: response.statusCode as number,
    headers: response.headers,
    get wireBytes() {
      return wireBytes;
    },
    get body() {
      return Buffer.concat(chunks).toString();
    },
    get events() {
      return parseEvents(streaming.body);
    },
    get ids() {
      return parseLines(streaming.body).map((line) => line.id);
    },
    get end() {
      return end;
    },
    pause: () => response.pause(),
    resume: () => response.resume(),
    async until(name, isSo) {
      await until(name, () => isSo(streaming));
    },
    async whole(deadlineMs) {
      await until('the end of the response', () => end !== 'open', deadlineMs);
      if (end === 'cut') throw new Error(`the response was cut after ${streaming.body.length} characters`);
      return streaming.body;
    },
    [Symbol.dispose]: () => response.destroy(),
  };
  return streaming;
}

function unpacked(response: IncomingMessage, hasBody: boolean): Readable {
  const { 'content-encoding': coding } = response.headers;
  if (coding === undefined || !hasBody) return response;
  if (coding === 'gzip') return response.pipe(zlib.createGunzip());
  if (coding === 'br') return response.pipe(zlib.createBrotliDecompress());
  return response.pipe(createUnzstd());
}

/** A bare connection: what is written goes out as it is. */
export interface BareClient extends Disposable {
  readonly socket: Socket;
  readonly received: string;
  readonly isClosed: boolean;
}

export async function connectBare(port: number, text: string): Promise<BareClient> {
  let received = '';
  let isClosed = false;
  const socket = connect(port, '127.0.0.1');
  socket.setEncoding('latin1');
  socket.on('data', (part) => {
    received += part;
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    isClosed = true;
  });
  socket.write(text);
  return {
    socket,
    get received() {
      return received;
    },
    get isClosed() {
      return isClosed;
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}

/** A stream of which nothing is kept but how far it is: for more lines than a test wants to hold. */
export interface LineCounter extends Disposable {
  /** Id of the newest line. */
  readonly lastId: number;
  /** Where ids did not follow each other, as `before -> after`. */
  readonly breaks: string[];
  pause(): void;
  resume(): void;
}

/** @param lastId id after which the first line is expected */
export function countLines(url: string, lastId = 0): Promise<LineCounter> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false }, (response) => {
      const breaks: string[] = [];
      let rest = '';
      response.setEncoding('latin1');
      response.on('error', () => {});
      response.on('data', (part: string) => {
        const lines = (rest + part).split('\n');
        rest = lines.pop() as string;
        for (const line of lines) {
          if (!line.startsWith('id: ')) continue;
          const id = Number(line.slice('id: '.length));
          if (id !== lastId + 1) breaks.push(`${lastId} -> ${id}`);
          lastId = id;
        }
      });
      resolve({
        get lastId() {
          return lastId;
        },
        breaks,
        pause: () => response.pause(),
        resume: () => response.resume(),
        [Symbol.dispose]: () => response.destroy(),
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}
