import { eventText } from '../../frame/events.ts';
import type { WireEvents } from '../../words/wire.ts';
import type { Coding } from '../encoding/coding.ts';
import type { Packing } from '../encoding/packer.ts';
import { chunkHead, chunkTail } from './chunk.ts';
import type { ChunkBuffer } from './chunk-buffer.ts';

/** Bytes for many clients: what they need besides the bytes themselves is made once, by the first that asks. */
export interface SharedChunk {
  readonly bytes: Buffer;
  /** The bytes as one chunk of a chunked response. */
  readonly framed: Buffer;
  /** A socket has not taken `framed` at once: it is needed until it has. */
  keep(): void;
  /**
   * The bytes as a piece of a compressed body. It may be waited for where they are many: they may be changed meanwhile.
   */
  packed(packing: Packing): SharedChunk | Promise<SharedChunk>;
}

/** A smaller one would occupy the whole of a chunk buffer. */
const worthReusing = 16 * 1024;
/** Less is not worth compressing; up to so many bytes are compressed while all wait: it takes about 50 µs. */
const leastPacked = 128;
const mostPackedNow = 8 * 1024;

/** @param buffer where `framed` is made; valid until the next chunk is made there, unless it is kept */
export function createSharedChunk(bytes: Buffer, buffer?: ChunkBuffer): SharedChunk {
  const room = bytes.length >= worthReusing ? buffer : undefined;
  let framed: Buffer | undefined;
  let packed: Map<Coding, SharedChunk | Promise<SharedChunk>> | undefined;
  return {
    bytes,
    get framed() {
      framed ??= room?.chunk(bytes) ?? Buffer.concat([chunkHead(bytes.length), bytes, chunkTail]);
      return framed;
    },
    keep() {
      if (framed !== undefined) room?.keep(framed);
    },
    packed(packing) {
      packed ??= new Map();
      let chunk = packed.get(packing.coding);
      if (chunk === undefined) {
        chunk = pack(bytes, packing);
        packed.set(packing.coding, chunk);
      }
      return chunk;
    },
  };
}

function pack(bytes: Buffer, { coding, packer }: Packing): SharedChunk | Promise<SharedChunk> {
  if (bytes.length <= mostPackedNow) return createSharedChunk(packedNow(bytes, coding));
  const piece = packer.pack(coding, bytes);
  return piece instanceof Promise ? piece.then((made) => createSharedChunk(made)) : createSharedChunk(piece);
}

function packedNow(bytes: Buffer, coding: Coding): Buffer {
  const stored = coding.store(bytes);
  if (bytes.length < leastPacked) return stored;
  const compressed = coding.compressNow(bytes);
  return compressed.length < stored.length ? compressed : stored;
}

export function eventChunk<Name extends keyof WireEvents>(name: Name, data: WireEvents[Name]): SharedChunk {
  return createSharedChunk(Buffer.from(eventText(name, data)));
}
