import { finished } from 'node:stream/promises';
import { promisify } from 'node:util';
import { type BrotliOptions, brotliCompress, brotliDecompress, constants, createBrotliCompress } from 'node:zlib';
import type { MsgHdrs } from '@nats-io/transport-node';
import type { FilePosition } from '../../../words/position.ts';
import { type Epoch, epochsText, parseEpochs } from './epochs.ts';

/** What stands in a message's headers: what there is to know of a batch without its lines. */
export interface BatchHead {
  firstId: number;
  /** `firstId - 1` in a claim, which holds no line: a writer begins. */
  lastId: number;
  /** Number of the writer, and where it and the last ones before it began. */
  epoch: number;
  epochs: readonly Epoch[];
  /** Bytes of the log before this batch, uncompressed, and its own. */
  offset: number;
  length: number;
}

const names = {
  ids: 'Sse-Ids',
  epochs: 'Sse-Epochs',
  bytes: 'Sse-Bytes',
  encoding: 'Content-Encoding',
  positions: 'Sse-Positions',
  expected: 'Nats-Expected-Last-Subject-Sequence',
} as const;

/** A smaller batch is hardly smaller compressed. */
const leastToCompress = 512;
const leastInPieces = 256 * 1024;
const compressWhole = promisify(brotliCompress) as (bytes: Buffer, options: object) => Promise<Buffer>;
const decompress = promisify(brotliDecompress) as (bytes: Uint8Array, options: object) => Promise<Buffer>;
/** Of text as logs have it, in half the time of gzip and to about the same size (881 MB/s, a sixth). */
const fastest = {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: 0,
    // At this quality a larger window makes batches larger, by a fourteenth, and takes the reader more memory.
    [constants.BROTLI_PARAM_LGWIN]: 18,
  },
};
const encoding = 'br';
const leastChunk = 64;
/** Room for what most batches become. In pieces: each takes a way to another thread and back. */
const usualChunk = 16 * 1024;
const usualShare = 1 / 8;
const mostInflated = 64 * 1024 * 1024;

export interface Payload {
  bytes: Buffer;
  isCompressed: boolean;
}

/** @param events of a batch, one after the other */
export async function packed(events: readonly Buffer[]): Promise<Payload> {
  const length = totalLength(events);
  const plain = () => ({ bytes: joined(events), isCompressed: false });
  if (length < leastToCompress) return plain();
  const most = Math.max(leastChunk, length >> 1);
  // Half of a large batch is more than needed, and memory that is collected again: that took as long as compressing.
  const chunkSize = Math.min(most, Math.max(usualChunk, Math.ceil(length * usualShare)));
  const bytes = await compress(events, { ...fastest, chunkSize });
  return bytes.length < length ? { bytes, isCompressed: true } : plain();
}

/** As one. To copy what is large would take longer than a second way to the threads that compress. */
async function compress(events: readonly Buffer[], options: BrotliOptions): Promise<Buffer> {
  if (events.length === 1 || totalLength(events) < leastInPieces) return compressWhole(joined(events), options);
  const stream = createBrotliCompress(options);
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  for (const part of events) stream.write(part);
  stream.end();
  await finished(stream);
  return joined(pieces);
}

export function totalLength(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, { length }) => sum + length, 0);
}

export function joined(buffers: readonly Buffer[]): Buffer {
  return buffers.length === 1 ? (buffers[0] as Buffer) : Buffer.concat(buffers);
}

/** How a batch's bytes are to be decoded: what `unpacked` takes. */
export function encodingOf(headers: MsgHdrs): string {
  return headers.get(names.encoding);
}

/** A buffer of one's own, which may be changed. @throws Error where it is not what its headers say */
export async function unpacked(bytes: Uint8Array, encodedBy: string, length: number): Promise<Buffer> {
  const events = await decoded(bytes, encodedBy, length);
  if (events.length !== length) throw new Error(`a batch of ${length} bytes has ${events.length}`);
  return events;
}

function decoded(bytes: Uint8Array, by: string, length: number): Promise<Buffer> | Buffer {
  if (by === '') return Buffer.from(bytes);
  if (by !== encoding) throw new Error(`a batch is encoded in ${by}`);
  // Into one buffer: in pieces of 16 KiB it takes three times as long. One that is full is followed by another one.
  const chunkSize = Math.max(leastChunk, length + 1);
  return decompress(bytes, { maxOutputLength: mostInflated, chunkSize });
}

export function writeHead(
  headers: MsgHdrs,
  { firstId, lastId, epochs, offset, length }: Omit<BatchHead, 'epoch'>,
  more: { isCompressed: boolean; expectedSeq: number; positions?: Iterable<FilePosition> | undefined },
): MsgHdrs {
  headers.set(names.ids, `${firstId}-${lastId}`);
  headers.set(names.epochs, epochsText(epochs));
  headers.set(names.bytes, `${offset}+${length}`);
  headers.set(names.expected, String(more.expectedSeq));
  if (more.isCompressed) headers.set(names.encoding, encoding);
  // Headers are lines of ASCII.
  if (more.positions !== undefined)
    headers.set(names.positions, encodeURIComponent(JSON.stringify([...more.positions])));
  return headers;
}

/** Undefined for a message that is none of ours. */
export function readHead(headers: MsgHdrs | undefined): BatchHead | undefined {
  // Fifteen digits are exact.
  const ids = /^(\d{1,15})-(\d{1,15})$/.exec(headers?.get(names.ids) ?? '');
  const bytes = /^(\d{1,15})\+(\d{1,15})$/.exec(headers?.get(names.bytes) ?? '');
  const epochs = parseEpochs(headers?.get(names.epochs) ?? '');
  const epoch = epochs.at(-1)?.epoch;
  if (ids === null || bytes === null || epoch === undefined) return undefined;
  const head = { firstId: Number(ids[1]), lastId: Number(ids[2]), epoch, epochs };
  const length = Number(bytes[2]);
  if (head.firstId < 1 || head.lastId < head.firstId - 1 || length > mostInflated) return undefined;
  return { ...head, offset: Number(bytes[1]), length };
}

/** Where followed files stood after a batch: what `parsePositions` takes. */
export function positionsOf(headers: MsgHdrs): string {
  return headers.get(names.positions);
}

/** None where the header is malformed: the lines of its batch are good all the same. */
export function parsePositions(text: string): FilePosition[] {
  try {
    const positions: unknown = JSON.parse(decodeURIComponent(text || '[]'));
    return Array.isArray(positions) ? positions.filter(isPosition) : [];
  } catch {
    return [];
  }
}

function isPosition(value: unknown): value is FilePosition {
  return typeof value === 'object' && value !== null && 'source' in value && typeof value.source === 'string';
}
