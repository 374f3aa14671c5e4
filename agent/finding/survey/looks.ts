import type { Journal } from '../../journal/journal.ts';
import { BoundedMap } from '../../system/bounded-map.ts';
import { type Chunk, chunkLines, indexOf, isFull, pack, startOf } from '../chunks/chunk.ts';
import { type ChunkBuilder, createChunkBuilder } from '../chunks/chunk-builder.ts';
import { type Manners, readChunks } from '../chunks/read-chunks.ts';
import { recordLines } from '../line-query.ts';
import { lineScanner } from '../lines/line-scanner.ts';
import { allBefore, type KnownChunks, mostTimesTrimmed, untrimmed } from './known-chunks.ts';

/** Where a survey outlives the process: what is kept is derived from the journal, and may be missing at any time. */
export interface KeptSurvey {
  /**
   * The chunks that are kept of those that begin in the segment of line `id`. None where nothing is kept of the segment
   * as it is now, and where it was asked before. Never rejects.
   */
  recall(id: number): Promise<Chunk[]>;
  /** Keeps what is new of what is known. Never rejects. */
  keep(chunkAt: (id: number) => Chunk | undefined): Promise<void>;
}

/** Looks at lines that are not known yet. One at a time: a chunk that is looked at must not be looked at by another. */
export type Looks = ReturnType<typeof createLooks>;

/** A chunk whose builder is gone is read once more. */
const mostBuilders = 16;
/** What was found out about so many full chunks is kept before all of the log is known. */
const keptAtOnce = 256;
/** Chunks that are read in one go: whoever wants another one meanwhile waits for them. */
export const mostAtOnce = 32;

export function createLooks(journal: Journal, chunks: KnownChunks, kept: KeptSurvey | undefined) {
  /** Of those that are not full yet: a builder holds on to the text around its last lines. */
  const builders = new BoundedMap<number, ChunkBuilder>(mostBuilders);
  /** Builders at work, by their chunks' numbers: what one knows counts for the next one before it is done. */
  let atWork = new Map<number, ChunkBuilder>();
  let unkept = 0;
  /** The last line that was read, and the first one whose level a line after that may say. */
  let newest = { lastId: 0, undecidedFrom: Number.POSITIVE_INFINITY };

  async function look(index: number): Promise<Chunk | undefined> {
    const end = Math.min((index + 1) * chunkLines, journal.lastId);
    if (end < startOf(index)) return undefined;
    const known = chunks.get(index) ?? (await recalled(index));
    if (known === undefined || known.lastId < end) await read([index]);
    await settle(index);
    return chunks.get(index);
  }

  /** Reads chunks that follow each other. Returns whether it read all of them. */
  async function read(indexes: readonly number[], manners?: Manners): Promise<boolean> {
    const into = indexes.map(builderOf);
    atWork = new Map(indexes.map((index, i) => [index, into[i] as ChunkBuilder]));
    try {
      return await readChunks(journal, into, finish, manners);
    } finally {
      atWork.clear();
    }
  }

  /** Reads a chunk once more that was looked at before it was known when its lines are from, if it is known by now. */
  async function settle(index: number): Promise<void> {
    if (chunks.resolve().includes(index)) await readAgain([index]);
  }

  /** The same for some of all that are known. Returns whether there are others. */
  async function settleSome(manners?: Manners): Promise<boolean> {
    const stale = chunks.resolve();
    const [first] = stale;
    if (first === undefined) return false;
    const end = stale.findIndex((index, i) => i === mostAtOnce || index !== first + i);
    await readAgain(end === -1 ? stale : stale.slice(0, end), manners);
    const left = chunks.resolve();
    // Of a journal that gives no more nothing is found out.
    return left.length > 0 && left[0] !== first;
  }

  async function readAgain(indexes: readonly number[], manners?: Manners): Promise<void> {
    for (const index of indexes) builders.delete(index);
    await read(indexes, manners);
  }

  function builderOf(index: number): ChunkBuilder {
    // A chunk of a long log keeps no more than it will be left.
    const isLong = journal.lastId - journal.firstId >= untrimmed * chunkLines;
    const options = {
      scanner: lineScanner(),
      mostMarkers: Math.max(chunks.get(index)?.markers.length ?? 0, chunks.roomForMarkers()),
      stampBefore: (speaker: string) => chunks.stampBefore(speaker, allBefore(index), (i) => atWork.get(i)?.chunk),
    };
    return (
      builders.get(index) ??
      createChunkBuilder(startOf(index), { ...options, ...(isLong && { mostTimes: mostTimesTrimmed }) })
    );
  }

  async function finish(builder: ChunkBuilder): Promise<void> {
    const { chunk } = builder;
    const index = indexOf(chunk.firstId);
    const { lastId } = chunk;
    if (lastId > newest.lastId) newest = { lastId, undecidedFrom: builder.undecidedFrom(lastId - recordLines + 1) };
    if (isFull(chunk)) {
      pack(chunk);
      builders.delete(index);
      unkept++;
    } else builders.set(index, builder);
    chunks.add(chunk);
    if (unkept === keptAtOnce) await keep();
    chunks.reduce(chunk);
  }

  async function recalled(index: number): Promise<Chunk | undefined> {
    const found = (await kept?.recall(index * chunkLines + 1)) ?? [];
    for (const chunk of found) {
      if (chunks.get(indexOf(chunk.firstId)) !== undefined) continue;
      chunk.markers.length = Math.min(chunk.markers.length, chunks.roomForMarkers());
      chunks.add(chunk);
      chunks.reduce(chunk);
    }
    return chunks.get(index);
  }

  async function keep(): Promise<void> {
    if (unkept === 0) return;
    unkept = 0;
    await kept?.keep((id) => chunks.get(indexOf(id)));
  }

  return {
    look,
    read,
    recalled,
    settle,
    settleSome,
    keep,
    /** What is kept of line `to` does not say it: then it may be any that is near enough. */
    undecidedFrom: (to: number) => (newest.lastId < to ? to - recordLines + 1 : newest.undecidedFrom),
  };
}
