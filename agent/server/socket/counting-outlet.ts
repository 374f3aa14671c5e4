import type { Outlet } from './outlet.ts';

/** Takes what an answer would send, and only counts it. */
export interface CountingOutlet extends Outlet {
  readonly bytes: number;
  /** The answer would be broken off. */
  readonly isCut: boolean;
}

/** @param isWanted says whether the client is still there */
export function createCountingOutlet(isWanted: () => boolean): CountingOutlet {
  let bytes = 0;
  let state: 'open' | 'ended' | 'cut' = 'open';
  const count = (piece: Buffer) => {
    bytes += piece.length;
  };
  return {
    get bytes() {
      return bytes;
    },
    get isCut() {
      return state === 'cut';
    },
    get isOpen() {
      return state === 'open' && isWanted();
    },
    isBehind: false,
    write: count,
    lend: count,
    share: (chunk) => count(chunk.bytes),
    ready: async () => true,
    pause: async () => undefined,
    end() {
      state = 'ended';
    },
    cut() {
      state = 'cut';
    },
  };
}

/**
 * An outlet for an answer whose length was promised. What would be longer, because lines went or came since they were
 * counted, is cut off before it has that length: a client can't tell it from a complete one then.
 */
export function holdToLength(outlet: Outlet, length: number): Outlet {
  let left = length;
  const passes = (bytes: Buffer) => {
    left -= bytes.length;
    if (left < 0) outlet.cut();
    return left >= 0;
  };
  return {
    get isOpen() {
      return outlet.isOpen;
    },
    get isBehind() {
      return outlet.isBehind;
    },
    write(bytes) {
      if (passes(bytes)) outlet.write(bytes);
    },
    lend(bytes) {
      if (passes(bytes)) outlet.lend(bytes);
    },
    share(chunk) {
      if (passes(chunk.bytes)) outlet.share(chunk);
    },
    ready: (mostMs) => outlet.ready(mostMs),
    pause: (ms) => outlet.pause(ms),
    end: () => outlet.end(),
    cut: () => outlet.cut(),
  };
}
