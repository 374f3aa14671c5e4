import { eventText } from '../../frame/events.ts';
import type { WireEvents } from '../../words/wire.ts';
import type { Coding } from '../encoding/coding.ts';
import type { Packing } from '../encoding/packer.ts';
import { chunkHeadText, chunkTail } from './chunk.ts';
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
  return new Chunk(bytes, bytes.length >= worthReusing ? buffer : undefined);
}

/** A class, as there is one for each batch: closures and getters of its own take ten times the memory. */
class Chunk implements SharedChunk {
  readonly bytes: Buffer;
  readonly #room: ChunkBuffer | undefined;
  #framed: Buffer | undefined;
  #packed: Map<Coding, SharedChunk | Promise<SharedChunk>> | undefined;

  constructor(bytes: Buffer, room: ChunkBuffer | undefined) {
    this.bytes = bytes;
    this.#room = room;
  }

  get framed(): Buffer {
    this.#framed ??= this.#room?.chunk(this.bytes) ?? framedAlone(this.bytes);
    return this.#framed;
  }

  keep(): void {
    if (this.#framed !== undefined) this.#room?.keep(this.#framed);
  }

  packed(packing: Packing): SharedChunk | Promise<SharedChunk> {
    this.#packed ??= new Map();
    let chunk = this.#packed.get(packing.coding);
    if (chunk === undefined) {
      chunk = pack(this.bytes, packing);
      this.#packed.set(packing.coding, chunk);
    }
    return chunk;
  }
}

function framedAlone(bytes: Buffer): Buffer {
  const head = chunkHeadText(bytes.length);
  const framed = Buffer.allocUnsafe(head.length + bytes.length + chunkTail.length);
  framed.write(head, 'latin1');
  bytes.copy(framed, head.length);
  chunkTail.copy(framed, head.length + bytes.length);
  return framed;
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
