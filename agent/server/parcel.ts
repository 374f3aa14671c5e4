import { eventText, type WireEvents } from '../wire.ts';

/** Bytes for many clients: what they need beside the bytes themselves is made once, by the first that asks. */
export interface Parcel {
  readonly bytes: Buffer;
  /** The bytes as one chunk of a chunked response. */
  readonly chunk: Buffer;
}

export function createParcel(bytes: Buffer): Parcel {
  let chunk: Buffer | undefined;
  return {
    bytes,
    get chunk() {
      chunk ??= Buffer.concat([chunkHead(bytes.length), bytes, chunkTail]);
      return chunk;
    },
  };
}

export function eventParcel<Name extends keyof WireEvents>(name: Name, data: WireEvents[Name]): Parcel {
  return createParcel(Buffer.from(eventText(name, data)));
}

/** What stands before the bytes of a chunk (RFC 9112, 7.1). */
export function chunkHead(length: number): Buffer {
  return Buffer.from(`${length.toString(16)}\r\n`, 'latin1');
}

/** What stands behind them. */
export const chunkTail = Buffer.from('\r\n', 'latin1');
