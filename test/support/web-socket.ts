import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createDeferred } from '../../agent/system/deferred.ts';

/** A client of text messages, by RFC 6455: Node has one of its own only from version 22 on. */
export interface TextSocket {
  send(text: string): void;
  close(): void;
}

export async function openTextSocket(url: string, onText: (text: string) => void): Promise<TextSocket> {
  const { hostname, port, host, pathname } = new URL(url);
  const socket = connect(Number(port), hostname.replace(/[[\]]/g, ''));
  await once(socket, 'connect');
  const key = randomBytes(16).toString('base64');
  socket.write(
    `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
  let rest = Buffer.alloc(0);
  let isOpen = false;
  let message = '';
  const { promise, resolve, reject } = createDeferred<TextSocket>();
  socket.on('error', reject);
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    if (!isOpen) {
      const end = rest.indexOf('\r\n\r\n');
      if (end === -1) return;
      const status = rest.toString('latin1', 0, end);
      if (!status.startsWith('HTTP/1.1 101')) reject(new Error(`No WebSocket at ${url}: ${status}`));
      rest = rest.subarray(end + 4);
      isOpen = true;
      resolve({ send: (text) => void socket.write(maskedFrame(Buffer.from(text))), close: () => socket.destroy() });
    }
    for (let frame = readFrame(rest); frame !== undefined; frame = readFrame(rest)) {
      rest = rest.subarray(frame.end);
      if (frame.opcode > 2) continue;
      message += frame.body.toString();
      if (!frame.isLast) continue;
      onText(message);
      message = '';
    }
  });
  return promise;
}

/** What servers send has no mask. */
function readFrame(bytes: Buffer): { opcode: number; isLast: boolean; body: Buffer; end: number } | undefined {
  if (bytes.length < 2) return undefined;
  const [first, second] = bytes as unknown as [number, number];
  const short = second & 0x7f;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < start) return undefined;
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  const end = start + length;
  if (bytes.length < end) return undefined;
  return { opcode: first & 0xf, isLast: (first & 0x80) !== 0, body: bytes.subarray(start, end), end };
}

function maskedFrame(body: Buffer): Buffer {
  const mask = randomBytes(4);
  // No longer than it has to be, or it is refused; the messages here are short.
  const length = body.length < 126 ? Buffer.from([0x80 | body.length]) : Buffer.from([0xfe, 0, 0]);
  if (body.length >= 126) length.writeUInt16BE(body.length, 1);
  const masked = Buffer.from(body.map((byte, at) => byte ^ (mask[at % 4] as number)));
  return Buffer.concat([Buffer.from([0x81]), length, mask, masked]);
}
