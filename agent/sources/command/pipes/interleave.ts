import { createDeferred, type Deferred } from '../../../system/deferred.ts';
import type { Take, WriteLog } from './output-pipe.ts';

/** Passes on what is read, chunk by chunk; resolves at the end. */
type Read = (take: Take) => Promise<void>;

/** What was read of a pipe and is not passed on yet; the pipe is not read meanwhile. */
interface Held {
  rest: Buffer;
  taken: Deferred<void>;
}

/**
 * Two pipes, read in the order in which they were written to, as far as that can be known.
 *
 * The kernel keeps the order within a pipe, not between two: who reads `1 3` and `2` can't tell when 2 was written.
 * What it does tell (inotify, see `createOutputPipes`) is that the one, the other and the one again were written to.
 * How many bytes each time it does not say: each time gets a line, the last one all that was read. So lines that are
 * written in turn, one by one, come in their order, whenever they are read.
 *
 * That needs everything that was written before: epoll reports a pipe a second time before one that was written to
 * earlier, and inotify's word may come after the bytes. Two turns of the event loop bring both, so that is how long
 * bytes are held back; a line that comes by itself is not.
 *
 * @param writes is emptied here
 */
export function interleave(reads: readonly Read[], writes: WriteLog): Read[] {
  const takes = new Map<number, Take>();
  const held = new Map<number, Held>();
  let arrivals = 0;
  let isPassing = false;
  /** Something was read just now, and more may follow: what is read next need not be what was written next. */
  let isBusy = false;
  /** A line that was passed on at once and is not taken yet: its pipe is not read meanwhile. */
  let passing: Promise<unknown> | undefined;
  /** The pipe of a line that was passed on at once: the first that is heard of it is that line. */
  let early: number | undefined;
  /** A pipe whose bytes are to come next, and how much was heard when the wait for them began. */
  let awaited: { pipe: number; heard: number } | undefined;

  function arrive(pipe: number, chunk: Buffer): Promise<unknown> | undefined {
    arrivals++;
    if (held.size === 0 && !isPassing && passing === undefined && canPass(chunk)) {
      if (chunk.length < floodBytes) early = pipe;
      passing = takes
        .get(pipe)?.(chunk)
        ?.finally(() => {
          passing = undefined;
        });
      if (!isBusy) calmDown();
      return passing;
    }
    const taken = createDeferred();
    held.set(pipe, { rest: chunk, taken });
    if (!isPassing) void pass();
    return taken.promise;
  }

  function canPass(chunk: Buffer): boolean {
    return chunk.length >= floodBytes || (!isBusy && isOneLine(chunk));
  }

  /** Once both are read, and nothing came or was heard for a whole turn, whatever was heard is of what was read. */
  function calmDown(): void {
    isBusy = true;
    const before = arrivals + writes.heard;
    afterTwoTurns(() => {
      if (isPassing) return;
      if (passing !== undefined) {
        void passing.then(calmDown, calmDown);
        return;
      }
      if (before !== arrivals + writes.heard) {
        calmDown();
        return;
      }
      isBusy = false;
      early = undefined;
      writes.pipes.length = 0;
    });
  }

  async function pass(): Promise<void> {
    isPassing = true;
    while (held.size > 0) {
      if (passing !== undefined) await passing.catch(() => {});
      await allHeard();
      await passRound();
    }
    isPassing = false;
    calmDown();
  }

  /** What was written up to a read is heard after it at the latest. Each pipe is read once, and then held. */
  async function allHeard(): Promise<void> {
    for (let before = -1; before !== arrivals; ) {
      before = arrivals;
      await new Promise<void>(afterTwoTurns);
    }
  }

  async function passRound(): Promise<void> {
    const round = new Map(held);
    const heard = takeHeard(round);
    const left = new Map<number, number>();
    for (const pipe of heard) left.set(pipe, (left.get(pipe) ?? 0) + 1);
    for (const [at, pipe] of heard.entries()) {
      const later = (left.get(pipe) ?? 0) - 1;
      left.set(pipe, later);
      if (pipe === early) {
        early = undefined;
        if (later > 0 || !round.has(pipe)) continue;
      }
      const own = round.get(pipe);
      if (own === undefined) {
        // Written, and not read yet: what the other pipe holds was written after it.
        const rest = heard.slice(at);
        awaited = { pipe, heard: rest.length };
        writes.pipes.unshift(...rest);
        return;
      }
      if (await passPiece(pipe, own, later > 0 ? firstLine(own.rest) : own.rest)) round.delete(pipe);
    }
    // Nothing was heard of these.
    for (const [pipe, own] of round) await passPiece(pipe, own, own.rest);
  }

  /** What was heard since the last round, without that of which no bytes have come for two turns. */
  function takeHeard(round: ReadonlyMap<number, Held>): number[] {
    const heard = writes.pipes.splice(0);
    const stale = awaited;
    awaited = undefined;
    if (stale === undefined || round.has(stale.pipe)) return heard;
    return heard.filter((pipe, at) => pipe !== stale.pipe || at >= stale.heard);
  }

  /** Whether nothing is held of the pipe any more. */
  async function passPiece(pipe: number, own: Held, piece: Buffer): Promise<boolean> {
    own.rest = own.rest.subarray(piece.length);
    try {
      const taken = takes.get(pipe)?.(piece);
      if (taken !== undefined) await taken;
      if (own.rest.length > 0) return false;
      held.delete(pipe);
      own.taken.resolve();
    } catch (error) {
      held.delete(pipe);
      own.taken.reject(error);
    }
    return true;
  }

  return reads.map((read, pipe) => (take) => {
    takes.set(pipe, take);
    return read((chunk) => arrive(pipe, chunk));
  });
}

/** The one brings the rest of what was ready, the other what was written while that was read. */
function afterTwoTurns(done: () => void): void {
  setImmediate(setImmediate, done);
}

const lf = 0x0a;
/**
 * Of a pipe that is half full nobody knows which line was written when, and two turns for each chunk cost half as much
 * as all the rest.
 */
const floodBytes = 32 * 1024;

function isOneLine(chunk: Buffer): boolean {
  return firstLine(chunk).length === chunk.length;
}

/** With its end, or all that there is. */
function firstLine(bytes: Buffer): Buffer {
  const end = bytes.indexOf(lf);
  return end === -1 ? bytes : bytes.subarray(0, end + 1);
}
