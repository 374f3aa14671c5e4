import { eventText } from '../../frame/events.ts';
import type { WireEvents } from '../../words/wire.ts';
import { chunkHead, chunkTail } from './chunk.ts';
import type { ChunkBuffer } from './chunk-buffer.ts';

/** Bytes for many clients: what they need besides the bytes themselves is made once, by the first that asks. */
export interface SharedChunk {
  readonly bytes: Buffer;
  /** The bytes as one chunk of a chunked response. */
  readonly framed: Buffer;
  /** A socket has not taken `framed` at once: it is needed until it has. */
  keep(): void;
}

/** A smaller one would occupy the whole of a chunk buffer. */
const worthReusing = 16 * 1024;

/** @param buffer where `framed` is made; valid until the next chunk is made there, unless it is kept */
export function createSharedChunk(bytes: Buffer, buffer?: ChunkBuffer): SharedChunk {
  const room = bytes.length >= worthReusing ? buffer : undefined;
  let framed: Buffer | undefined;
  return {
    bytes,
    get framed() {
      framed ??= room?.chunk(bytes) ?? Buffer.concat([chunkHead(bytes.length), bytes, chunkTail]);
      return framed;
    },
    keep() {
      if (framed !== undefined) room?.keep(framed);
    },
  };
}

export function eventChunk<Name extends keyof WireEvents>(name: Name, data: WireEvents[Name]): SharedChunk {
  return createSharedChunk(Buffer.from(eventText(name, data)));
}
