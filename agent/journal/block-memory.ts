/**
 * The memory that blocks of journals are read into. Used again: a new buffer for each block costs more in garbage
 * collection than reading and checking it.
 */
export interface BlockMemory {
  /**
   * A buffer of at least `bytes` bytes, for as long as it is being filled; then either `lend` or `giveBack`. Waits
   * while several others are being filled, so a thousand readers that begin in the same moment don't take a thousand
   * buffers.
   */
  take(bytes: number): Promise<Buffer>;
  /** The same for what is not needed yet: undefined while many others are being filled. */
  takeSpare(bytes: number): Buffer | undefined;
  /**
   * The buffer is filled and is passed on. Returns the way to give it back; where that is never done, it is lost to
   * the others.
   */
  lend(buffer: Buffer): () => void;
  giveBack(buffer: Buffer): void;
}

/** Twice as many as libuv has threads to read with: one is read while another one is checked. */
const mostFilling = 8;
/** Of these, for what is read ahead: others must not wait for those who have what they need. */
const mostSpare = 4;
/** What lies ready when nobody reads: 4 MiB at most where blocks have the usual size. */
const mostFree = 4;
/** The same where they are larger: a burst leaves batches of 2 MiB, and a reader fills one while it has another. */
const mostFreeBytes = 6 * 1024 * 1024;
/** A buffer for an exceptionally large batch is not kept. */
const usualLargestKept = 3 * 1024 * 1024;

/**
 * @param usualBytes size of a buffer that is large enough for most blocks
 * @param largestKept bytes of a buffer that is used again
 */
export function createBlockMemory(usualBytes: number, largestKept = usualLargestKept): BlockMemory {
  const free: Buffer[] = [];
  const waiting: (() => void)[] = [];
  let filling = 0;

  function filled(): void {
    const next = waiting.shift();
    if (next === undefined) filling--;
    else next();
  }

  function bufferOf(bytes: number): Buffer {
    const fit = free.findLastIndex((buffer) => buffer.length >= bytes);
    if (fit >= 0) return free.splice(fit, 1)[0] as Buffer;
    // Of few sizes: one that fits the next block as well is not made anew.
    return Buffer.allocUnsafeSlow(Math.ceil(Math.max(bytes, usualBytes) / usualBytes) * usualBytes);
  }

  function keep(buffer: Buffer): void {
    if (buffer.length > largestKept) return;
    free.push(buffer);
    // Of the same size those that lay there stay. A large one fits small blocks, too.
    free.sort((a, b) => b.length - a.length);
    while (free.length > mostFree || sizeOf(free) > mostFreeBytes) free.pop();
  }

  return {
    async take(bytes) {
      if (filling < mostFilling) filling++;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      return bufferOf(bytes);
    },

    takeSpare(bytes) {
      if (filling >= mostSpare) return undefined;
      filling++;
      return bufferOf(bytes);
    },

    lend(buffer) {
      filled();
      let isLent = true;
      return () => {
        if (isLent) keep(buffer);
        isLent = false;
      };
    },

    giveBack(buffer) {
      filled();
      keep(buffer);
    },
  };
}

function sizeOf(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, { length }) => sum + length, 0);
}
