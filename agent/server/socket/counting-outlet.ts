import type { Outlet } from './outlet.ts';

/** Takes what an answer would send, and only counts it. */
export interface CountingOutlet extends Outlet {
  readonly bytes: number;
}

/** @param isWanted says whether the client is still there */
export function createCountingOutlet(isWanted: () => boolean): CountingOutlet {
  let bytes = 0;
  let state: 'open' | 'closed' = 'open';
  const count = (piece: Buffer) => {
    bytes += piece.length;
  };
  const close = () => {
    state = 'closed';
  };
  return {
    get bytes() {
      return bytes;
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
    end: close,
    cut: close,
  };
}
