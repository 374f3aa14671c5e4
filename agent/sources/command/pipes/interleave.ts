import { HeldBytes } from './held-bytes.ts';
import type { Take, WriteLog } from './output-pipe.ts';

/** Passes on what is read, chunk by chunk; resolves at the end. */
type Read = (take: Take) => Promise<void>;

/**
 * Two pipes, read in the order in which they were written to, as far as that can be known.
 *
 * The kernel keeps the order within a pipe, not between two: who reads `1 3` and `2` can't tell when 2 was written.
 * What it does tell (inotify, see `createOutputPipes`) is that the one, the other and the one again were written to.
 * How many bytes each time it does not say: each time gets a line, the last one all that was read. So lines that are
 * written in turn, one by one, come in their order, whenever they are read; and so do many of one and then many of the
 * other, for which all that was written before what was read last is to be read: a pipe is read while bytes are held.
 *
 * That needs everything that was written before: epoll reports a pipe a second time before one that was written to
 * earlier, and inotify's word may come after the bytes. Two turns of the event loop bring both, so that is how long
 * bytes are held back; a line that comes by itself is not.
 *
 * @param writes is emptied here
 */
export function interleave(reads: readonly Read[], writes: WriteLog): Read[] {
  const held: HeldBytes[] = [];
  let arrivals = 0;
  let isPassing = false;
  /** More comes all the time: each pipe is read once more at most before some is passed on. */
  let isEnough = false;
  /** Something was read just now, and more may follow: what is read next need not be what was written next. */
  let isBusy = false;
  /** A line that was passed on at once and is not taken yet: its pipe is not read meanwhile. */
  let passing: Promise<unknown> | undefined;
  /** The pipe of a line that was passed on at once: the first that is heard of it is that line. */
  let early: number | undefined;
  /** A pipe whose bytes are to come next, and how much was heard when the wait for them began. */
  let awaited: { pipe: number; heard: number } | undefined;

  function arrive(pipe: number, own: HeldBytes, chunk: Buffer): Promise<unknown> | undefined {
    arrivals++;
    if (!isPassing && passing === undefined && canPass(pipe, chunk)) {
      if (chunk.length < floodBytes) early = pipe;
      passing = own.pass(chunk)?.finally(() => {
        passing = undefined;
      });
      if (!isBusy) calmDown();
      return passing;
    }
    const taken = own.hold(chunk, isEnough ? 0 : floodBytes);
    if (!isPassing) void pass();
    return taken;
  }

  function canPass(pipe: number, chunk: Buffer): boolean {
    return chunk.length >= floodBytes || (!isBusy && isOneLine(chunk) && !held[1 - pipe]?.isAmidLine);
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
    while (held.some(({ length }) => length > 0)) {
      if (passing !== undefined) await passing.catch(() => {});
      await allHeard();
      await passRound();
    }
    isPassing = false;
    calmDown();
  }

  /** What was written up to a read is heard, and read, after it at the latest. */
  async function allHeard(): Promise<void> {
    for (let before = -1, looks = 0; before !== arrivals; looks++) {
      before = arrivals;
      isEnough = looks >= mostLooks;
      await new Promise<void>(afterTwoTurns);
    }
    isEnough = false;
  }

  async function passRound(): Promise<void> {
    for (const own of held) own.join();
    const heard = takeHeard();
    const left = new Map<number, number>();
    for (const pipe of heard) left.set(pipe, (left.get(pipe) ?? 0) + 1);
    for (const [at, pipe] of heard.entries()) {
      const later = (left.get(pipe) ?? 0) - 1;
      left.set(pipe, later);
      const rest = restOf(pipe);
      if (pipe === early) {
        early = undefined;
        if (later > 0 || rest.length === 0) continue;
      }
      if (rest.length === 0) {
        // Written, and not read yet: what the other pipe holds was written after it.
        awaited = { pipe, heard: heard.length - at };
        writes.pipes.unshift(...heard.slice(at));
        return;
      }
      await passFirst(pipe, later > 0 ? firstLine(rest).length : rest.length);
    }
    // Nothing was heard of these.
    for (const [pipe, { rest }] of held.entries()) if (rest.length > 0) await passFirst(pipe, rest.length);
  }

  /**
   * No line comes amid one of the other pipe of which the rest was read: `sh -x` writes a line in four pieces, of which
   * inotify says one, maybe before the last of them is written.
   */
  async function passFirst(pipe: number, length: number): Promise<void> {
    const begun = held[1 - pipe];
    if (begun?.isAmidLine && begun.rest.length > 0) await begun.passFirst(firstLine(begun.rest).length);
    await held[pipe]?.passFirst(length);
  }

  function restOf(pipe: number): Buffer {
    return held[pipe]?.rest ?? nothing;
  }

  /** What was heard since the last round, without that of which no bytes have come for two turns. */
  function takeHeard(): number[] {
    const heard = writes.pipes.splice(0);
    const stale = awaited;
    awaited = undefined;
    if (stale === undefined || restOf(stale.pipe).length > 0) return heard;
    return heard.filter((pipe, at) => pipe !== stale.pipe || at >= stale.heard);
  }

  return reads.map((read, pipe) => (take) => {
    const own = new HeldBytes(take);
    held[pipe] = own;
    return own.passedOn(read((chunk) => arrive(pipe, own, chunk)));
  });
}

/** The one brings the rest of what was ready, the other what was written while that was read. */
function afterTwoTurns(done: () => void): void {
  setImmediate(setImmediate, done);
}

const lf = 0x0a;
const nothing = Buffer.alloc(0);
/** A command that never pauses is passed on after some milliseconds. */
const mostLooks = 32;
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
