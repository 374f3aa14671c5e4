import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type PackedCodes, packCodes } from '../lines/packed-codes.ts';
import { type Chunk, chunkLines, everybody } from './chunk.ts';

/*
 * Full chunks as bytes: their facts as JSON, then the levels, the starts and the times of each. All of it deflated.
 */

const fastest = { level: 1 };
/** More than any survey that is kept: what is read may have been written by anybody's accident. */
const mostBytes = 256 * 1024 * 1024;
const lengthBytes = 4;

/** What is no number for each line. */
type Facts = Omit<Chunk, 'lastId' | 'levels' | 'times' | 'lost'> & { steps: number; mixed: number; times: number };

/** @param chunks full ones, packed, of which every line can be read */
export function encodeChunks(chunks: readonly Chunk[]): Buffer {
  const packed = chunks.map(({ levels }) => ('steps' in levels ? levels : packCodes(levels)));
  const facts = chunks.map(({ lastId, levels, lost, times, ...fact }, i): Facts => {
    const { steps, mixed } = packed[i] as PackedCodes;
    return { ...fact, steps: steps.length, mixed: mixed.length, times: times.times.length };
  });
  const json = Buffer.from(JSON.stringify(facts));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32LE(json.length);
  const numbers = chunks.flatMap(({ times: { starts, times } }, i) => [
    (packed[i] as PackedCodes).steps,
    (packed[i] as PackedCodes).mixed,
    bytesOf(Uint16Array.from(starts)),
    bytesOf(differences(times)),
  ]);
  return deflateRawSync(Buffer.concat([length, json, ...numbers]), fastest);
}

/** @throws where the bytes are none that `encodeChunks` has made */
export function decodeChunks(encoded: Buffer): Chunk[] {
  const bytes = inflateRawSync(encoded, { maxOutputLength: mostBytes });
  let at = lengthBytes + bytes.readUInt32LE(0);
  const facts = JSON.parse(bytes.toString('utf8', lengthBytes, at)) as Facts[];

  /** In memory of its own: typed arrays begin at a multiple of their size, and a part keeps the whole. */
  function take(length: number): ArrayBuffer {
    const part = Uint8Array.prototype.slice.call(bytes, at, at + length);
    if (part.length < length) throw new RangeError('the survey ends early');
    at += length;
    return part.buffer;
  }

  return facts.map(({ markers, steps, mixed, times, ...fact }): Chunk => {
    const levels: PackedCodes = { steps: new Uint8Array(take(steps)), mixed: new Uint8Array(take(mixed)) };
    const starts = new Uint16Array(take(times * Uint16Array.BYTES_PER_ELEMENT));
    const of = sums(new Float64Array(take(times * Float64Array.BYTES_PER_ELEMENT)));
    return {
      ...fact,
      lastId: fact.firstId + chunkLines - 1,
      ...{ levels, times: { starts, times: of }, lost: 0 },
      // It is known by being the same object.
      markers: markers.map((placed) => (placed.speaker.stream === '' ? { ...placed, speaker: everybody } : placed)),
    };
  });
}

function bytesOf(numbers: Uint16Array | Float64Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

/** Whole milliseconds, of which those between two lines are few. */
function differences(times: ArrayLike<number>): Float64Array {
  return Float64Array.from(times, (time, i) => (i === 0 ? time : time - (times[i - 1] as number)));
}

function sums(numbers: Float64Array): Float64Array {
  for (let i = 1; i < numbers.length; i++) numbers[i] = (numbers[i] as number) + (numbers[i - 1] as number);
  return numbers;
}
