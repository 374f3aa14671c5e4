import type { Block } from './block.ts';
import { eventEndAfter, frameStart, idAt, lastFrameStart, originBefore } from './scan.ts';

/** A block as blocks of at most so many bytes (a longer line is one of its own), each from an `origin` on. */
export function* partsOf({ bytes, firstId, lastId }: Block, mostBytes: number): Generator<Block> {
  let start = 0;
  let id = firstId;
  while (id <= lastId) {
    const head = start === 0 ? undefined : originAtFrame(bytes, start);
    const room = mostBytes - (head?.length ?? 0);
    const isLast = bytes.length - start <= room;
    const { end, nextId } = isLast
      ? { end: bytes.length, nextId: lastId + 1 }
      : partEnd(bytes, start, id, room, lastId);
    const part = bytes.subarray(start, end);
    yield { bytes: head === undefined ? part : Buffer.concat([head, part]), firstId: id, lastId: nextId - 1 };
    start = end;
    id = nextId;
  }
}

/** The origin in force at a frame; undefined where one stands there itself. */
function originAtFrame(bytes: Buffer, at: number): Buffer | undefined {
  if (idAt(bytes, at) === undefined) return undefined;
  const origin = originBefore(bytes, at) ?? 0;
  return bytes.subarray(origin, eventEndAfter(bytes, origin));
}

/** Where the last frame within reach begins, or the one after frame `id`. */
function partEnd(bytes: Buffer, start: number, id: number, room: number, lastId: number) {
  const end = lastFrameStart(bytes, start + room);
  const nextId = end !== undefined && end > start ? idAt(bytes, end) : undefined;
  if (end !== undefined && nextId !== undefined && nextId > id) return { end, nextId };
  return id === lastId
    ? { end: bytes.length, nextId: id + 1 }
    : { end: frameStart(bytes, start, id + 1), nextId: id + 1 };
}
