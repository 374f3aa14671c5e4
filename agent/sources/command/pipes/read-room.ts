/** All that a pipe holds (pipe(7)). */
export const pipeBytes = 64 * 1024;
/**
 * A command that fills its pipe all the time is taken from in pieces of this size at most: what is done for each piece
 * costs as much as what is done with its bytes.
 */
const roomBytes = 4 * pipeBytes;

/** Where a pipe is read to: one buffer, used again, in which what is read stands until it is taken. */
export class ReadRoom {
  readonly #bytes = Buffer.allocUnsafeSlow(roomBytes);
  /** What was read and not taken is `[#start, #end)`; what is read next comes after it. */
  #start = 0;
  #end = 0;

  /** Where all that was read ends: grows with each read. */
  get end(): number {
    return this.#end;
  }

  get isEmpty(): boolean {
    return this.#start === this.#end;
  }

  /** Another pipe full of bytes has no place. */
  get isFull(): boolean {
    return this.#end + pipeBytes > roomBytes;
  }

  /** For the next read. */
  free(): Buffer {
    return this.#bytes.subarray(this.#end, this.#end + pipeBytes);
  }

  filled(length: number): void {
    this.#end += length;
  }

  /** Valid until the first read after `restart`. */
  take(): Buffer {
    const taken = this.#bytes.subarray(this.#start, this.#end);
    this.#start = this.#end;
    return taken;
  }

  /** Reads from the beginning again; all that was read is taken. */
  restart(): void {
    this.#start = this.#end = 0;
  }
}
