import { eventText, type WireEvents } from '../../words/wire.ts';
import { chunkHead, chunkTail } from './chunk.ts';
import type { Scratch } from './scratch.ts';

/** Bytes for many clients: what they need beside the bytes themselves is made once, by the first that asks. */
export interface Parcel {
  readonly bytes: Buffer;
  /** The bytes as one chunk of a chunked response. */
  readonly chunk: Buffer;
  /** A socket has not taken the chunk at once: it is needed until it has. */
  keep(): void;
}

/** A smaller one would hold up the whole room of the scratch. */
const roomWorthy = 16 * 1024;

/** @param scratch where the chunk is made; until the next parcel's, unless it is kept */
export function createParcel(bytes: Buffer, scratch?: Scratch): Parcel {
  const room = bytes.length >= roomWorthy ? scratch : undefined;
  let chunk: Buffer | undefined;
  return {
    bytes,
    get chunk() {
      chunk ??= room?.chunk(bytes) ?? Buffer.concat([chunkHead(bytes.length), bytes, chunkTail]);
      return chunk;
    },
    keep() {
      if (chunk !== undefined) room?.keep(chunk);
    },
  };
}

export function eventParcel<Name extends keyof WireEvents>(name: Name, data: WireEvents[Name]): Parcel {
  return createParcel(Buffer.from(eventText(name, data)));
}
