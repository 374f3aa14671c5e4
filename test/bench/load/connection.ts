import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { Counters, Scanner } from './scanners.ts';
import { createScanner } from './scanners.ts';
import type { Target } from './target.ts';

/** One connection to a server, read with as little work as possible. */
export interface Connection {
  readonly socket: Socket;
  /** The counted lines reached this number: nothing further is counted, as if the connection had ended there. */
  stopAt: number;
  close(): void;
}

export interface ConnectionListener {
  /** The answer's head is there: the server knows this client. */
  onReady(): void;
  /** Bytes were read and counted. */
  onRead(): void;
  onClose(error?: Error): void;
}

export interface ConnectionOptions {
  target: Target;
  lastEventId?: string | undefined;
  counters: Counters;
  /** Reads once each time the socket is resumed, then pauses: what a thousand sockets can afford. */
  isLazy?: boolean;
}

const headroom = 256 * 1024;
/** All sockets of a process read into the same buffer: what is read is counted before the next one reads. */
const shared = Buffer.allocUnsafeSlow(headroom + 1024 * 1024);
const readBuffer = shared.subarray(headroom);

export function openConnection(options: ConnectionOptions, listener: ConnectionListener): Connection {
  const { target, counters, isLazy = false } = options;
  const scanner = createScanner(target.protocol, counters);
  const { tally, latencies } = counters;
  let body: Body | undefined;
  let head = '';
  /** The beginning of an item whose rest has not been read yet. */
  let carried: Buffer | undefined;
  let keepAlive: NodeJS.Timeout | undefined;
  let failure: Error | undefined;

  const socket = connect({
    host: '127.0.0.1',
    port: target.port,
    onread: { buffer: readBuffer, callback: (length) => read(headroom + length) },
  });
  socket.setNoDelay(true);
  socket.once('connect', () => socket.write(requestText(target, options.lastEventId)));
  socket.on('error', (error) => {
    failure = error;
  });
  socket.on('close', () => {
    clearInterval(keepAlive);
    listener.onClose(failure);
  });

  const connection: Connection = {
    socket,
    stopAt: Number.POSITIVE_INFINITY,
    close: () => socket.destroy(),
  };

  function read(end: number): boolean {
    latencies?.arrived();
    let start = headroom;
    if (body === undefined) {
      const headEnd = shared.subarray(start, end).indexOf('\r\n\r\n');
      head += shared.toString('latin1', start, headEnd < 0 ? end : start + headEnd);
      if (headEnd < 0) return true;
      start += headEnd + 4;
      if (!/^HTTP\/1\.1 (200|101)/.test(head)) {
        socket.destroy(new Error(`${target.path} answered: ${head.slice(0, head.indexOf('\r\n'))}`));
        return false;
      }
      body = /transfer-encoding: *chunked/i.test(head) ? chunkedBody() : plainBody;
      if (target.protocol === 'socket.io') keepAlive = joinNamespace(socket, target.namespace ?? '/');
      listener.onReady();
    }
    tally.bytes += end - start;
    if (socket.destroyed) return false;
    takeBody(body, start, end);
    listener.onRead();
    return !isLazy;
  }

  function takeBody(take: Body, start: number, end: number): void {
    let from = start;
    if (carried !== undefined) {
      if (carried.length > headroom - 1024) throw new Error(`${target.path}: an event of more than ${headroom} bytes`);
      from = start - carried.length;
      carried.copy(shared, from);
    }
    const rest = take(scanner, from, start, end, connection.stopAt);
    carried = rest.start < rest.end ? Buffer.from(shared.subarray(rest.start, rest.end)) : undefined;
  }

  return connection;
}

/**
 * Gives what is in `shared[start, end)` to the scanner, together with what was left over (`shared[carried, start)`),
 * and returns what is left over now.
 */
type Body = (
  scan: Scanner,
  carried: number,
  start: number,
  end: number,
  stopAt: number,
) => { start: number; end: number };

const plainBody: Body = (scan, carried, _start, end, stopAt) => ({ start: scan(shared, carried, end, stopAt), end });

/**
 * RFC 9112, 7.1. A chunk's data is scanned where it lies; only an item that spans two chunks is moved, over the head
 * between.
 */
function chunkedBody(): Body {
  let remaining = 0;
  let size = 0;
  let isInSize = false;

  return (scan, carried, start, end, stopAt) => {
    let leftStart = carried;
    let leftEnd = start;
    let at = start;
    while (at < end) {
      if (remaining === 0) {
        const byte = shared[at++] as number;
        const digit = hexDigit(byte);
        if (digit >= 0) {
          size = size * 16 + digit;
          isInSize = true;
        } else if (byte === 0x0a && isInSize) {
          remaining = size;
          size = 0;
          isInSize = false;
        }
        continue;
      }
      const stop = Math.min(end, at + remaining);
      const moved = at - (leftEnd - leftStart);
      if (moved !== leftStart) shared.copyWithin(moved, leftStart, leftEnd);
      leftStart = scan(shared, moved, stop, stopAt);
      leftEnd = stop;
      remaining -= stop - at;
      at = stop;
    }
    return { start: leftStart, end: leftEnd };
  };
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function requestText({ protocol, path, port }: Target, lastEventId: string | undefined): string {
  const isWebSocket = protocol === 'websocket' || protocol === 'socket.io';
  return [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    ...(isWebSocket
      ? [
          'Upgrade: websocket',
          'Connection: Upgrade',
          'Sec-WebSocket-Version: 13',
          `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
          `Origin: http://127.0.0.1:${port}`,
        ]
      : [`Accept: ${protocol === 'sse' ? 'text/event-stream' : '*/*'}`]),
    ...(lastEventId === undefined ? [] : [`Last-Event-ID: ${lastEventId}`]),
    '\r\n',
  ].join('\r\n');
}

/** engine.io 3: `40<namespace>` joins; the client has to say `2` (ping) at least every 25 s. */
function joinNamespace(socket: Socket, namespace: string): NodeJS.Timeout {
  socket.write(maskedText(`40${namespace},`));
  return setInterval(() => socket.write(maskedText('2')), 10_000);
}

/** A client's frames have to be masked (RFC 6455, 5.3); a mask of zeros is one. */
function maskedText(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text, 'latin1')]);
}
