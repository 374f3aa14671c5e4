import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Coding } from './coding.ts';

/** Compresses what clients get: what several get, once. */
export interface Packer {
  /** The bytes as a piece in a coding: right away where it is known. They may be changed after the call. */
  pack(coding: Coding, bytes: Buffer): Buffer | Promise<Buffer>;
  /** The bytes as a whole body. */
  packWhole(coding: Coding, bytes: Buffer): Promise<Buffer>;
}

/** How an answer is compressed, and by whom. */
export interface Packing {
  coding: Coding;
  packer: Packer;
}

export interface PackerOptions {
  /** Most bytes of pieces to remember. */
  mostBytes?: number;
  /** Milliseconds after which a piece that nobody wanted is forgotten, or up to twice that. */
  unwantedMs?: number;
}

/** Reading and writing journals and files wait for the same four threads. */
const mostAtOnce = 2;
/** About what a piece takes besides its bytes: its key and its buffer. */
const entryBytes = 500;

interface Kept {
  piece: Buffer;
  wantedAt: number;
}

export function createPacker({ mostBytes = 16 * 1024 * 1024, unwantedMs = 60_000 }: PackerOptions = {}): Packer {
  /** By content, as where clients are differs by their formats and filters; used last, last. */
  const pieces = new Map<string, Kept>();
  const underWay = new Map<string, Promise<Buffer>>();
  const waiting: (() => void)[] = [];
  let heldBytes = 0;
  let running = 0;
  let sweeping: NodeJS.Timeout | undefined;

  async function compress(coding: Coding, bytes: Buffer, key: string): Promise<Buffer> {
    if (running >= mostAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      const piece = alone(await coding.compress(bytes));
      keep(key, piece);
      return piece;
    } finally {
      underWay.delete(key);
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  }

  function keep(key: string, piece: Buffer): void {
    pieces.set(key, { piece, wantedAt: performance.now() });
    heldBytes += entryBytes + piece.length;
    forgetWhile(() => heldBytes > mostBytes);
    sweepLater();
  }

  /** What was not wanted for longest is forgotten first. */
  function forgetWhile(isOver: (oldest: Kept) => boolean): void {
    for (const [key, oldest] of pieces) {
      if (!isOver(oldest)) break;
      pieces.delete(key);
      heldBytes -= entryBytes + oldest.piece.length;
    }
  }

  /** A log goes on, and pieces of where its end was are of no use to anybody who comes later. */
  function sweepLater(): void {
    if (sweeping !== undefined) return;
    sweeping = setTimeout(() => {
      sweeping = undefined;
      const wantedSince = performance.now() - unwantedMs;
      forgetWhile(({ wantedAt }) => wantedAt < wantedSince);
      if (pieces.size > 0) sweepLater();
    }, unwantedMs).unref();
  }

  function pack(coding: Coding, bytes: Buffer): Buffer | Promise<Buffer> {
    const key = `${coding.name}:${hash('sha256', bytes, 'base64')}`;
    const known = pieces.get(key);
    if (known !== undefined) {
      pieces.delete(key);
      known.wantedAt = performance.now();
      pieces.set(key, known);
      return known.piece;
    }
    let piece = underWay.get(key);
    if (piece === undefined) {
      piece = compress(coding, Buffer.from(bytes), key);
      underWay.set(key, piece);
    }
    return piece;
  }

  return {
    pack,
    async packWhole(coding, bytes) {
      const content = { crc: crc32(bytes), length: bytes.length };
      return Buffer.concat([coding.head, await pack(coding, bytes), coding.end(content)]);
    },
  };
}

/** zlib gives a part of a buffer of 32 KiB, which a piece of 200 bytes would keep in memory. */
function alone(piece: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(piece.length);
  piece.copy(copy);
  return copy;
}
