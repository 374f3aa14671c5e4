import type { HeldBytes } from './held-bytes.ts';
import { firstLine } from './line-end.ts';
import type { WriteLog } from './write-log.ts';

/**
 * In which order the bytes that are held of two pipes were written.
 *
 * How many bytes each write had is not reported: each gets a line, the last one of a pipe all that was read of it. So
 * lines that are written in turn, one by one, come in their order, whenever they are read; and so do many of one and
 * then many of the other, for which all that was written before what was read last is to be read.
 */
export class WriteOrder {
  readonly #held: readonly HeldBytes[];
  readonly #writes: WriteLog;
  /** The pipe of a line that was passed on as it came: the first report of that pipe is of that line. */
  #early: number | undefined;
  /** A pipe whose bytes are to come next, and how many writes were known when the wait for them began. */
  #awaited: { pipe: number; known: number } | undefined;

  /** @param writes is emptied here */
  constructor(held: readonly HeldBytes[], writes: WriteLog) {
    this.#held = held;
    this.#writes = writes;
  }

  passedEarly(pipe: number): void {
    this.#early = pipe;
  }

  /** All that is reported is of what was passed on. */
  forget(): void {
    this.#early = undefined;
    this.#writes.clear();
  }

  /** Passes on what is held, up to a write of which no byte was read; resolves once that is taken. */
  async passRound(): Promise<void> {
    for (const own of this.#held) own.join();
    const writes = this.#takeWrites();
    for (const [at, pipe] of writes.entries()) {
      const isLast = writes.indexOf(pipe, at + 1) === -1;
      const rest = this.#restOf(pipe);
      if (pipe === this.#early) {
        this.#early = undefined;
        if (!isLast || rest.length === 0) continue;
      }
      if (rest.length === 0) {
        // Written, and not read yet: what the other pipe holds was written after it.
        this.#awaited = { pipe, known: writes.length - at };
        this.#writes.putBack(writes.slice(at));
        return;
      }
      await this.#passFirst(pipe, isLast ? rest.length : firstLine(rest).length);
    }
    // No write was reported of these.
    for (const [pipe, { rest }] of this.#held.entries()) if (rest.length > 0) await this.#passFirst(pipe, rest.length);
  }

  /** The writes reported since the last round, without those of which no bytes have come for two turns. */
  #takeWrites(): number[] {
    const writes = this.#writes.take();
    const stale = this.#awaited;
    this.#awaited = undefined;
    if (stale === undefined || this.#restOf(stale.pipe).length > 0) return writes;
    return writes.filter((pipe, at) => pipe !== stale.pipe || at >= stale.known);
  }

  /**
   * No line comes amid one of the other pipe of which the rest was read: `sh -x` writes a line in four pieces, of which
   * inotify reports one, maybe before the last of them is written.
   */
  async #passFirst(pipe: number, length: number): Promise<void> {
    const begun = this.#held[1 - pipe];
    if (begun?.isAmidLine && begun.rest.length > 0) await begun.passFirst(firstLine(begun.rest).length);
    await this.#held[pipe]?.passFirst(length);
  }

  #restOf(pipe: number): Buffer {
    return this.#held[pipe]?.rest ?? nothing;
  }
}

const nothing = Buffer.alloc(0);
