import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Packing } from '../encoding/packer.ts';
import { chunkHead, chunkTail } from './chunk.ts';
import { createChunkBuffer } from './chunk-buffer.ts';
import type { Outlet } from './outlet.ts';
import { packInto } from './packed-outlet.ts';
import type { SharedChunk } from './shared-chunk.ts';

export interface OutletOptions {
  /** Milliseconds without progress after which a client is disconnected. */
  stallMs: number;
  /** Where the body is compressed. */
  packing?: Packing;
  /** Called once, when the client is gone or the response has been handed over to its end. */
  onClose(): void;
}

/** Sends the headers (set before) at once. Undefined when the client is gone already. */
export function openOutlet(response: ServerResponse, { stallMs, packing, onClose }: OutletOptions): Outlet | undefined {
  response.flushHeaders();
  const socket = response.socket;
  if (socket === null || !socket.writable) return undefined;
  const outlet = new SocketOutlet(response, socket, stallMs, onClose);
  return packing === undefined ? outlet : packInto(outlet, packing);
}

const chunkBuffer = createChunkBuffer();

/** A class, as there are thousands of them: closures and getters of their own cost each client 3 KB more. */
class SocketOutlet implements Outlet {
  readonly #response: ServerResponse;
  readonly #socket: Socket;
  readonly #stallMs: number;
  /** HTTP/1.0 knows no chunks: there the end of the connection ends the body. */
  readonly #isChunked: boolean;
  #isOpen = true;
  #isBehind = false;
  #wake: (() => void) | undefined;

  constructor(response: ServerResponse, socket: Socket, stallMs: number, onClose: () => void) {
    this.#response = response;
    this.#socket = socket;
    this.#stallMs = stallMs;
    this.#isChunked = response.chunkedEncoding;

    const onDrain = () => this.#drained();
    socket.on('drain', onDrain);
    response.on('timeout', destroySocket);
    response.once('close', () => {
      socket.off('drain', onDrain);
      this.#isOpen = false;
      this.#awaken();
      onClose();
    });
  }

  get isOpen(): boolean {
    return this.#isOpen && this.#socket.writable;
  }

  get isBehind(): boolean {
    return this.#isBehind;
  }

  write(bytes: Buffer): void {
    if (!this.isOpen || bytes.length === 0) return;
    const message = this.#isChunked ? chunkBuffer.chunk(bytes) : chunkBuffer.copy(bytes);
    const isAccepted = this.#socket.write(message);
    if (this.#socket.writableLength > 0) chunkBuffer.keep(message);
    this.#noteProgress(isAccepted);
  }

  lend(bytes: Buffer): void {
    const socket = this.#socket;
    // The socket does not report when it has got rid of so few.
    if (bytes.length < socket.writableHighWaterMark) {
      this.write(bytes);
      return;
    }
    if (!this.isOpen) return;
    socket.cork();
    if (this.#isChunked) socket.write(chunkHead(bytes.length));
    socket.write(bytes);
    if (this.#isChunked) socket.write(chunkTail);
    socket.uncork();
    this.#noteProgress(false);
  }

  share(chunk: SharedChunk): void {
    if (!this.isOpen || chunk.bytes.length === 0) return;
    // A chunk's own bytes are a batch that is announced: they don't outlast this call.
    const isAccepted = this.#socket.write(this.#isChunked ? chunk.framed : Buffer.from(chunk.bytes));
    if (this.#socket.writableLength > 0) chunk.keep();
    this.#noteProgress(isAccepted);
  }

  async ready(mostMs?: number): Promise<boolean> {
    if (this.#isBehind && this.#isOpen) await this.#awakened(mostMs);
    return this.#isOpen && !this.#isBehind;
  }

  pause(ms: number): Promise<void> {
    if (!this.#isOpen) return Promise.resolve();
    return this.#awakened(ms);
  }

  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#socket.setTimeout(this.#stallMs);
    this.#response.end();
  }

  cut(): void {
    this.#isOpen = false;
    this.#socket.destroy();
  }

  /** `write` also says false when the system took everything at once, only because the buffer was large. */
  #noteProgress(isAccepted: boolean): void {
    if (isAccepted || this.#socket.writableLength === 0 || this.#isBehind) return;
    this.#isBehind = true;
    this.#socket.setTimeout(this.#stallMs);
  }

  #drained(): void {
    if (!this.#isBehind) return;
    this.#isBehind = false;
    if (this.#isOpen) this.#socket.setTimeout(0);
    this.#awaken();
  }

  #awakened(mostMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = mostMs === undefined ? undefined : setTimeout(() => this.#awaken(), mostMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #awaken(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

function destroySocket(socket: Socket): void {
  socket.destroy();
}
