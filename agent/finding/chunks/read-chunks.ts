import type { Block } from '../../frame/block.ts';
import { originInForce } from '../../frame/excerpt.ts';
import { frameEnd, frameStart, idAt, lastFrameStart } from '../../frame/scan.ts';
import type { BlockOrGap, Journal } from '../../journal/journal.ts';
import type { Origin } from '../../words/line.ts';
import { chunkLines, type IdRange } from './chunk.ts';
import type { ChunkBuilder } from './chunk-builder.ts';

/** What a look at chunks that nobody waits for asks between the blocks that it reads, and between the chunks. */
export interface Manners {
  /** The next chunk can wait. */
  isEnough(): boolean;
  /** What the next block waits for. */
  pause(): Promise<unknown> | undefined;
}

/** Of a look that somebody waits for. */
export const hasty: Manners = { isEnough: () => false, pause: () => undefined };

/** Lines before a chunk's first one that say what that is part of. */
const primingLines = 200;

/**
 * Passes lines of a journal to the builders of chunks that follow each other, in one go: to begin to read somewhere
 * takes as long as to read some chunks.
 *
 * @param finish called when a builder has all of its lines that the journal has
 * @returns whether it read all of them, and was not enough before that
 */
export async function readChunks(
  journal: Journal,
  into: readonly ChunkBuilder[],
  finish: (builder: ChunkBuilder) => Promise<void>,
  manners: Manners = hasty,
): Promise<boolean> {
  const ranges = into.map((builder) => rangeOf(builder, journal));
  let done = 0;
  const cursor = journal.read(ranges[0]?.from ?? 1, ranges.at(-1)?.to ?? 0);
  try {
    for (let reading = await cursor.next(); reading !== undefined; reading = await cursor.next()) {
      for (let i = done, inForce: Origin | undefined; i < into.length; i++) {
        const range = ranges[i] as IdRange;
        if (range.from > (reading.type === 'gap' ? reading.to : reading.lastId)) break;
        inForce = pass(reading, into[i] as ChunkBuilder, { ...range, inForce, nextFrom: ranges[i + 1]?.from });
      }
      const lastId = reading.type === 'gap' ? reading.to : reading.lastId;
      if (reading.type === 'block') reading.release();
      const before = done;
      for (; done < into.length && (ranges[done] as IdRange).to <= lastId; done++) {
        await finish(into[done] as ChunkBuilder);
      }
      if (done === into.length) break;
      if (done > before && manners.isEnough()) return false;
      await manners.pause();
    }
    const begun = into[done];
    if (begun !== undefined && begun.chunk.lastId >= begun.chunk.firstId) await finish(begun);
    return true;
  } finally {
    cursor.close();
  }
}

/** What a builder has to be passed: also lines before its own, where it begins. */
function rangeOf({ chunk }: ChunkBuilder, journal: Journal): IdRange {
  const { firstId, lastId } = chunk;
  const from = lastId < firstId ? Math.max(Math.min(firstId, journal.firstId), firstId - primingLines) : lastId + 1;
  return { from, to: Math.min(firstId + chunkLines - 1, journal.lastId) };
}

interface Wanted extends IdRange {
  /** The origin in force at the first of these lines, where it is known. */
  inForce: Origin | undefined;
  /** The first line that the next builder wants. */
  nextFrom: number | undefined;
}

/** A part of what was read, where it is of a range. Returns the origin in force where the next builder begins. */
function pass(reading: BlockOrGap, to: ChunkBuilder, range: Wanted): Origin | undefined {
  if (reading.type === 'gap') {
    if (reading.from <= range.to) to.lose(reading.from, Math.min(reading.to, range.to));
    return undefined;
  }
  if (reading.firstId > range.to) return undefined;
  const { bytes } = reading;
  const firstId = Math.max(reading.firstId, range.from);
  const lastId = Math.min(reading.lastId, range.to);
  const end = lastId < reading.lastId ? frameEnd(bytes, frameBefore(reading, lastId), lastId) : bytes.length;
  const start = firstId > reading.firstId ? startOf(reading, firstId) : 0;
  let { inForce, nextFrom = firstId } = range;
  if (start > 0 && inForce === undefined) {
    // Before its first line, and not copied over the lines before that: others may read the same bytes.
    const origin = originInForce(bytes, 0, start);
    to.take({ bytes: bytes.subarray(origin.start, origin.end), firstId, lastId: firstId - 1 });
  }
  if (nextFrom <= firstId || nextFrom > lastId) {
    to.take({ bytes: bytes.subarray(start, end), firstId, lastId }, inForce);
    return undefined;
  }
  // To look for it takes longer than to look at the lines.
  const middle = startOf(reading, nextFrom);
  inForce = to.take({ bytes: bytes.subarray(start, middle), firstId, lastId: nextFrom - 1 }, inForce);
  to.take({ bytes: bytes.subarray(middle, end), firstId: nextFrom, lastId });
  return inForce;
}

function startOf(block: Block, id: number): number {
  return frameStart(block.bytes, frameBefore(block, id), id);
}

const mostGuesses = 4;

/** Where an event is that is not after frame `id`, and not far from it: to search all of a block takes longer. */
function frameBefore({ bytes, firstId, lastId }: Block, id: number): number {
  let before = { id: firstId, at: 0 };
  let after = { id: lastId + 1, at: bytes.length };
  for (let guess = 0; guess < mostGuesses && before.id < id; guess++) {
    // Lines that follow each other are about equally long.
    const share = (id - before.id) / (after.id - before.id);
    const at = lastFrameStart(bytes, before.at + Math.floor(share * (after.at - before.at)));
    const found = at === undefined || at <= before.at ? undefined : idAt(bytes, at);
    if (at === undefined || found === undefined) break;
    if (found <= id) before = { id: found, at };
    else after = { id: found, at };
  }
  return before.at;
}
