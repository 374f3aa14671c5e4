import { setImmediate as turn } from 'node:timers/promises';
import { createDeferred, type Deferred } from '../../../system/deferred.ts';
import type { Take, WriteLog } from './output-pipe.ts';

/** Passes on what is read, chunk by chunk; resolves at the end. */
type Read = (take: Take) => Promise<void>;

export interface Piece {
  pipe: number;
  bytes: Buffer;
}

/**
 * Two pipes, read in the order in which they were written to, as far as that can be known.
 *
 * The kernel keeps the order within a pipe, not between two: who reads `1 3` and `2` can't tell when 2 was written.
 * What it does tell (inotify, see `createOutputPipes`) is that the one, the other and the one again were written to.
 * How many bytes each time it does not say, so lines are assumed that are written one by one, the rest last. Nothing is
 * held back for longer than two turns of the event loop, and a single line not at all.
 *
 * @param writes is emptied here
 */
export function interleave(reads: readonly Read[], writes: WriteLog): Read[] {
  const takes = new Map<number, Take>();
  const held = new Map<number, { chunk: Buffer; taken: Deferred<void> }>();
  let isPassing = false;
  let isForgetting = false;
  /**
   * A line that was passed on at once and is not taken yet: its pipe is not read meanwhile, so the other has to wait.
   */
  let passing: Promise<unknown> | undefined;

  function arrive(pipe: number, chunk: Buffer): Promise<unknown> | undefined {
    const take = takes.get(pipe) as Take;
    if (held.size === 0 && !isPassing && passing === undefined && isOrderClear(chunk)) {
      if (!isForgetting) void forget();
      passing = take(chunk)?.finally(() => {
        passing = undefined;
      });
      return passing;
    }
    const taken = createDeferred();
    held.set(pipe, { chunk, taken });
    if (held.size === 1 && !isPassing) void pass();
    return taken.promise;
  }

  /** What has been passed on may be heard of later. */
  async function forget(): Promise<void> {
    isForgetting = true;
    await turn();
    isForgetting = false;
    if (held.size === 0) writes.length = 0;
  }

  async function pass(): Promise<void> {
    isPassing = true;
    while (held.size > 0) {
      await passing?.catch(() => {});
      // The one brings the rest of what was ready, the other what was written while that was read.
      await turn();
      await turn();
      const round = new Map(held);
      held.clear();
      const pieces = arrange(
        writes.splice(0),
        [...round].map(([pipe, { chunk }]) => ({ pipe, bytes: chunk })),
      );
      await passPieces(pieces, round);
    }
    isPassing = false;
  }

  async function passPieces(pieces: readonly Piece[], round: typeof held): Promise<void> {
    for (const { pipe, bytes } of pieces) {
      try {
        await takes.get(pipe)?.(bytes);
      } catch (error) {
        round.get(pipe)?.taken.reject(error);
      }
    }
    for (const { taken } of round.values()) taken.resolve();
  }

  return reads.map((read, pipe) => (take) => {
    takes.set(pipe, take);
    return read((chunk) => arrive(pipe, chunk));
  });
}

const lf = 0x0a;
/**
 * Of a pipe that is half full nobody knows which line was written when, and two turns for each chunk cost half as much
 * as all the rest.
 */
const floodBytes = 32 * 1024;

/** Whether waiting for the other pipe tells nothing more about the order of these bytes. */
function isOrderClear(chunk: Buffer): boolean {
  if (chunk.length >= floodBytes) return true;
  const end = chunk.indexOf(lf);
  return end === -1 || end === chunk.length - 1;
}

/**
 * Cuts what was read at once into pieces, in the order of the writes. Each time a pipe was written to gets a line; the
 * last time the rest. Writes that nothing is left for were read before, so they are the first ones.
 */
export function arrange(writes: readonly number[], chunks: readonly Piece[]): Piece[] {
  if (chunks.length < 2) return [...chunks];
  const left = new Map<number, number>();
  for (const pipe of writes) left.set(pipe, (left.get(pipe) ?? 0) + 1);
  const pieces = new Map(chunks.map(({ pipe, bytes }) => [pipe, piecesOf(bytes, left.get(pipe) ?? 0).reverse()]));
  const arranged: Piece[] = [];
  for (const pipe of writes) {
    const ahead = left.get(pipe) ?? 0;
    left.set(pipe, ahead - 1);
    const own = pieces.get(pipe);
    const bytes = own !== undefined && own.length >= ahead ? own.pop() : undefined;
    if (bytes !== undefined) arranged.push({ pipe, bytes });
  }
  // Nothing was heard of these yet.
  for (const [pipe, own] of pieces) for (const bytes of own.reverse()) arranged.push({ pipe, bytes });
  return arranged;
}

/** At most `count` pieces of a line each, the last with all that is left; one where nothing was heard of a write. */
function piecesOf(bytes: Buffer, count: number): Buffer[] {
  const pieces: Buffer[] = [];
  let rest = bytes;
  while (pieces.length < count - 1) {
    const end = rest.indexOf(lf);
    if (end === -1 || end === rest.length - 1) break;
    pieces.push(rest.subarray(0, end + 1));
    rest = rest.subarray(end + 1);
  }
  return [...pieces, rest];
}
