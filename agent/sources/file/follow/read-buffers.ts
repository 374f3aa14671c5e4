/**
 * The buffers that files are read into: a few, shared by all files of a source, so that a thousand files cost no more
 * memory than one.
 */
export interface ReadBuffers {
  /** Runs `read` with a buffer of its own, as soon as one is free. */
  with<Result>(read: (buffer: Buffer) => Promise<Result>): Promise<Result>;
  /**
   * The same, with a second one where one is free at once: to read on into while the first one's bytes are dealt
   * with.
   */
  withTwo<Result>(read: (buffer: Buffer, second: Buffer | undefined) => Promise<Result>): Promise<Result>;
  /** The same without a wait, where one is free at once; undefined where none is. */
  withOneNow<Result>(read: (buffer: Buffer) => Result): Result | undefined;
}

const bufferBytes = 256 * 1024;

/** As many as libuv has threads to read with. */
const bufferCount = 4;

export function createReadBuffers(): ReadBuffers {
  const free: Buffer[] = [];
  const waiting: ((buffer: Buffer) => void)[] = [];
  let made = 0;

  function take(): Buffer | Promise<Buffer> {
    const buffer = free.pop();
    if (buffer !== undefined) return buffer;
    if (made < bufferCount) {
      made++;
      return Buffer.allocUnsafeSlow(bufferBytes);
    }
    return new Promise((resolve) => waiting.push(resolve));
  }

  function give(buffer: Buffer): void {
    const next = waiting.shift();
    if (next === undefined) free.push(buffer);
    else next(buffer);
  }

  function takeNow(): Buffer | undefined {
    if (waiting.length > 0 || (free.length === 0 && made === bufferCount)) return undefined;
    return take() as Buffer;
  }

  async function withOne<Result>(read: (buffer: Buffer) => Promise<Result>): Promise<Result> {
    const buffer = await take();
    try {
      return await read(buffer);
    } finally {
      give(buffer);
    }
  }

  return {
    with: withOne,
    withOneNow(read) {
      const buffer = takeNow();
      if (buffer === undefined) return undefined;
      try {
        return read(buffer);
      } finally {
        give(buffer);
      }
    },
    withTwo(read) {
      return withOne(async (buffer) => {
        const second = takeNow();
        try {
          return await read(buffer, second);
        } finally {
          if (second !== undefined) give(second);
        }
      });
    },
  };
}
