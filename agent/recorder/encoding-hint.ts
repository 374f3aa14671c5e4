/** Finds out, for all channels of a recorder, that an input is probably written in another encoding than UTF-8. */
export interface EncodingHint {
  /** Counts of one channel. */
  channel(): EncodingCount;
}

export interface EncodingCount {
  /** So many bytes were written. */
  written(bytes: number): void;
  /** So many of them are a line, or a piece of one, that is not UTF-8. */
  mended(bytes: number): void;
}

/** A stray byte in a log is nothing to talk about: so many lines, and this share of all bytes. */
const fewestLines = 5;
const leastShare = 0.1;

/** @param tell called once at most */
export function createEncodingHint(tell: () => void): EncodingHint {
  let isTold = false;
  return {
    channel() {
      let all = 0;
      let lines = 0;
      let broken = 0;
      return {
        written(bytes) {
          all += bytes;
        },
        mended(bytes) {
          lines++;
          broken += bytes;
          if (isTold || lines < fewestLines || broken < all * leastShare) return;
          isTold = true;
          tell();
        },
      };
    },
  };
}
