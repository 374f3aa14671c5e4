import { HeldBytes } from './held-bytes.ts';
import { isOneLine } from './line-end.ts';
import type { Take } from './pipe-reader.ts';
import type { WriteLog } from './write-log.ts';
import { WriteOrder } from './write-order.ts';

/** Passes on what is read, chunk by chunk; resolves at the end. */
type Read = (take: Take) => Promise<void>;

/**
 * Two pipes, read in the order in which they were written to, as far as that can be known.
 *
 * The kernel keeps the order within a pipe, not between two: who reads `1 3` and `2` can't tell when 2 was written.
 * What it does report (inotify, see `WriteOrder`) is that the one, the other and the one again were written to. That
 * needs everything that was written before: epoll reports a pipe a second time before one that was written to earlier,
 * and inotify's report may come after the bytes. Two turns of the event loop bring both, so that is how long bytes are
 * held back, and pipes are read meanwhile; a line that comes by itself is not held.
 *
 * @param writes is emptied here
 */
export function interleave(reads: readonly Read[], writes: WriteLog): Read[] {
  const pair = new PipePair(writes);
  return reads.map((read, pipe) => (take) => {
    const own = pair.add(pipe, take);
    return own.passedOn(read((chunk) => pair.arrive(pipe, own, chunk)));
  });
}

/** When bytes of the two pipes are passed on. */
class PipePair {
  readonly #held: HeldBytes[] = [];
  readonly #writes: WriteLog;
  readonly #order: WriteOrder;
  /**
   * `quiet`: all that was written is read, and passed on. `unsettled`: something was read just now, and more may
   * follow, so what is read next need not be what was written next. `passing`: bytes are held, and passed on in rounds.
   */
  #state: 'quiet' | 'unsettled' | 'passing' = 'unsettled';
  /** Chunks that were read. */
  #arrivals = 0;
  /** More comes all the time: each pipe is read once more at most before some is passed on. */
  #isEnough = false;
  /** What was passed on at once and is not taken yet: its pipe is not read meanwhile. */
  #untaken: Promise<unknown> | undefined;

  constructor(writes: WriteLog) {
    this.#writes = writes;
    this.#order = new WriteOrder(this.#held, writes);
  }

  add(pipe: number, take: Take): HeldBytes {
    const own = new HeldBytes(take);
    this.#held[pipe] = own;
    // The command may have written to both already, and whoever is read first need not have been the first.
    if (this.#state !== 'passing' && this.#held[1 - pipe] !== undefined) this.#settle();
    return own;
  }

  /** As `Take` does. */
  arrive(pipe: number, own: HeldBytes, chunk: Buffer): Promise<unknown> | undefined {
    this.#arrivals++;
    if (this.#canPassAtOnce(pipe, chunk)) return this.#passAtOnce(pipe, own, chunk);
    const taken = own.hold(chunk, this.#isEnough ? 0 : floodBytes);
    if (this.#state !== 'passing') void this.#passHeld();
    return taken;
  }

  #canPassAtOnce(pipe: number, chunk: Buffer): boolean {
    if (this.#state === 'passing' || this.#untaken !== undefined) return false;
    if (chunk.length >= floodBytes) return true;
    return this.#state === 'quiet' && isOneLine(chunk) && !this.#held[1 - pipe]?.isAmidLine;
  }

  #passAtOnce(pipe: number, own: HeldBytes, chunk: Buffer): Promise<unknown> | undefined {
    if (chunk.length < floodBytes) this.#order.passedEarly(pipe);
    this.#untaken = own.pass(chunk)?.finally(() => {
      this.#untaken = undefined;
    });
    if (this.#state === 'quiet') this.#settle();
    return this.#untaken;
  }

  /** Once both are read, and nothing came or was reported for a whole turn, all reports are of what was read. */
  #settle(): void {
    if (this.#state === 'passing') return;
    this.#state = 'unsettled';
    const before = this.#arrivals + this.#writes.reports;
    afterTwoTurns(() => {
      if (this.#state === 'passing') return;
      if (this.#untaken !== undefined) {
        const settle = () => this.#settle();
        void this.#untaken.then(settle, settle);
      } else if (before !== this.#arrivals + this.#writes.reports) {
        this.#settle();
      } else {
        this.#state = 'quiet';
        this.#order.forget();
      }
    });
  }

  async #passHeld(): Promise<void> {
    this.#state = 'passing';
    while (this.#held.some(({ length }) => length > 0)) {
      if (this.#untaken !== undefined) await this.#untaken.catch(() => {});
      await this.#allReported();
      await this.#order.passRound();
    }
    this.#state = 'unsettled';
    this.#settle();
  }

  /** What was written up to a read is reported, and read, after it at the latest. */
  async #allReported(): Promise<void> {
    for (let before = -1, looks = 0; before !== this.#arrivals; looks++) {
      before = this.#arrivals;
      this.#isEnough = looks >= mostLooks;
      await new Promise<void>(afterTwoTurns);
    }
    this.#isEnough = false;
  }
}

/** The one brings the rest of what was ready, the other what was written while that was read. */
function afterTwoTurns(done: () => void): void {
  setImmediate(setImmediate, done);
}

/** A command that never pauses is passed on after some milliseconds. */
const mostLooks = 32;
/**
 * Of a pipe that is half full nobody knows which line was written when, and two turns for each chunk cost half as much
 * as all the rest.
 */
const floodBytes = 32 * 1024;
