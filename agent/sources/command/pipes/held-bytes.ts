import { createDeferred } from '../../../system/deferred.ts';
import { endsAmidLine } from './line-end.ts';
import type { Take } from './pipe-reader.ts';

/** What was read of a pipe and is not passed on yet. */
export class HeldBytes {
  readonly #take: Take;
  /** Read since `rest` was made. */
  #pieces: Buffer[] = [];
  #length = 0;
  #taken = createDeferred();
  readonly #failure = createDeferred<never>();
  #hasFailed = false;
  /** What of it can be passed on, from its first byte. */
  rest: Buffer = nothing;
  #isAmidLine = false;

  constructor(take: Take) {
    this.#take = take;
  }

  /** How many bytes are held or being taken. */
  get length(): number {
    return this.#length;
  }

  /** What was passed on last ends within a line. */
  get isAmidLine(): boolean {
    return this.#isAmidLine;
  }

  /** Passes on what was not held; nothing may be held. As `Take` does. */
  pass(chunk: Buffer): Promise<unknown> | undefined {
    if (this.#hasFailed) return this.#failure.promise;
    this.#isAmidLine = endsAmidLine(chunk);
    return this.#take(chunk);
  }

  /** @param most bytes: beyond that the pipe is to wait until all are passed on, as `Take` says it */
  hold(chunk: Buffer, most: number): Promise<unknown> | undefined {
    if (this.#hasFailed) return this.#failure.promise;
    this.#length += chunk.length;
    const isMuch = this.#length >= most;
    this.#pieces.push(isMuch ? chunk : Buffer.from(chunk));
    return isMuch ? this.#taken.promise : undefined;
  }

  /** Makes one `rest` of all that is held. */
  join(): void {
    this.rest = Buffer.concat([this.rest, ...this.#pieces.splice(0)]);
  }

  /** Passes on the first bytes of `rest`; resolves once they are taken. What can't be is thrown away. */
  async passFirst(length: number): Promise<void> {
    const piece = this.rest.subarray(0, length);
    this.rest = this.rest.subarray(length);
    this.#isAmidLine = endsAmidLine(piece);
    try {
      const taken = this.#take(piece);
      if (taken !== undefined) await taken;
      this.#length -= length;
    } catch (error) {
      this.#hasFailed = true;
      this.#failure.reject(error);
      this.#pieces = [];
      this.rest = nothing;
      this.#length = 0;
    }
    if (this.#length > 0) return;
    this.#taken.resolve();
    this.#taken = createDeferred();
  }

  /** Resolves when nothing is held after `end`; rejects as soon as some can't be taken. */
  async passedOn(end: Promise<void>): Promise<void> {
    const passed = end.then(() => (this.#length > 0 ? this.#taken.promise : undefined));
    await Promise.race([passed, this.#failure.promise]);
  }
}

const nothing: Buffer = Buffer.alloc(0);
