import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { chunkHead, chunkTail, type Parcel } from './parcel.ts';

/**
 * The body of a response that goes on for long. It is written to the socket itself: `ServerResponse.write` holds
 * everything back until the next tick, so it can't say at once whether the client took it, and frames a chunk anew for
 * each of a thousand clients.
 */
export interface Outlet {
  /** False once the client is gone or the response has ended. */
  readonly isOpen: boolean;
  /** True while the client has not taken what was written: wait for `ready` before writing more. */
  readonly isBehind: boolean;
  write(bytes: Buffer): void;
  /** Writes what many clients get. */
  share(parcel: Parcel): void;
  /** Resolves when the client has taken everything written, or is gone. Without progress for `stallMs` it is cut off. */
  ready(): Promise<void>;
  /** Resolves after `ms` milliseconds, or when the client is gone. */
  pause(ms: number): Promise<void>;
  /** The response is complete. */
  end(): void;
  /** Breaks the connection off, so that the response can't be taken for complete. */
  cut(): void;
}

export interface OutletOptions {
  /** Milliseconds without progress after which a client is disconnected. */
  stallMs: number;
  /** Called once, when the client is gone or the response has been handed over to its end. */
  onClose(): void;
}

/** Sends the headers (set before) at once. Resolves without a value when the client is gone already. */
export async function openOutlet(
  response: ServerResponse,
  { stallMs, onClose }: OutletOptions,
): Promise<Outlet | undefined> {
  response.flushHeaders();
  // A pipelined request has no socket until the response before it has ended.
  if (response.socket === null && !response.closed) await once(response, 'socket');
  const socket = response.socket;
  if (socket === null || !socket.writable) return undefined;
  return createOutlet(response, socket, stallMs, onClose);
}

function createOutlet(response: ServerResponse, socket: Socket, stallMs: number, onClose: () => void): Outlet {
  // HTTP/1.0 knows no chunks: there the end of the connection ends the body.
  const isChunked = response.chunkedEncoding;
  let isOpen = true;
  let isBehind = false;
  let wake: (() => void) | undefined;

  const awaken = () => {
    wake?.();
    wake = undefined;
  };
  const onDrain = () => {
    if (!isBehind) return;
    isBehind = false;
    if (isOpen) socket.setTimeout(0);
    awaken();
  };
  socket.on('drain', onDrain);
  response.on('timeout', () => socket.destroy());
  response.once('close', () => {
    socket.off('drain', onDrain);
    isOpen = false;
    awaken();
    onClose();
  });

  /** `write` also says false when the system took everything at once, only because the buffer was large. */
  function noteProgress(isAccepted: boolean): void {
    if (isAccepted || socket.writableLength === 0 || isBehind) return;
    isBehind = true;
    socket.setTimeout(stallMs);
  }

  return {
    get isOpen() {
      return isOpen && socket.writable;
    },
    get isBehind() {
      return isBehind;
    },

    write(bytes) {
      if (!isOpen || !socket.writable || bytes.length === 0) return;
      if (!isChunked) {
        noteProgress(socket.write(bytes));
        return;
      }
      socket.cork();
      socket.write(chunkHead(bytes.length));
      socket.write(bytes);
      const isAccepted = socket.write(chunkTail);
      socket.uncork();
      noteProgress(isAccepted);
    },

    share(parcel) {
      if (!isOpen || !socket.writable || parcel.bytes.length === 0) return;
      noteProgress(socket.write(isChunked ? parcel.chunk : parcel.bytes));
    },

    ready() {
      if (!isBehind || !isOpen) return Promise.resolve();
      return new Promise((resolve) => {
        wake = resolve;
      });
    },

    pause(ms) {
      if (!isOpen) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = setTimeout(awaken, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },

    end() {
      if (!isOpen) return;
      isOpen = false;
      socket.setTimeout(stallMs);
      response.end();
    },

    cut() {
      isOpen = false;
      socket.destroy();
    },
  };
}
