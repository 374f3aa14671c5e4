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
/** What lies ready when nobody reads is 4 MiB at most where blocks have the usual size. */
const mostFree = 4;
/** A burst leaves batches of 2 MiB: a reader fills one buffer while it has another. */
const mostFreeLarge = 2;
/** Where so many blocks of the usual size were read one after the other, the larger buffers are given up. */
const mostUsualInRow = 64;
/** A buffer for an exceptionally large batch is not kept. */
const usualLargestKept = 4 * 1024 * 1024;

/**
 * @param usualBytes size of a buffer that is large enough for most blocks
 * @param largestKept bytes of a buffer that is used again
 */
export function createBlockMemory(usualBytes: number, largestKept = usualLargestKept): BlockMemory {
  /** By their size: the usual one, twice that, and so on. */
  const free = new Map<number, Buffer[]>();
  let usualInRow = 0;
  const waiting: (() => void)[] = [];
  let filling = 0;

  function filled(): void {
    const next = waiting.shift();
    if (next === undefined) filling--;
    else next();
  }

  function bufferOf(bytes: number): Buffer {
    // Of few sizes: one that fits the next block as well is not made anew.
    let size = usualBytes;
    while (size < bytes) size *= 2;
    usualInRow = size === usualBytes ? usualInRow + 1 : 0;
    if (usualInRow >= mostUsualInRow) giveUpLarge();
    return free.get(size)?.pop() ?? Buffer.allocUnsafeSlow(size);
  }

  function giveUpLarge(): void {
    for (const size of free.keys()) if (size > usualBytes) free.delete(size);
    usualInRow = 0;
  }

  function keep(buffer: Buffer): void {
    if (buffer.length > largestKept) return;
    const its = free.get(buffer.length) ?? [];
    free.set(buffer.length, its);
    if (its.length < (buffer.length > usualBytes ? mostFreeLarge : mostFree)) its.push(buffer);
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
