/** Types what is piped in. */
export interface Typist {
  type(bytes: Buffer): Promise<void>;
  /** The end of the input, as Ctrl-D. */
  end(): Promise<void>;
}

const endOfInput = 0x04;
const lf = 0x0a;

/**
 * A terminal keeps a line until it is complete and drops what goes beyond 4,095 bytes (termios(3), canonical mode).
 * Ctrl-D within a line hands over what stands in it, so a longer line arrives whole. No round number: a reader that
 * asks for as many bytes would take the Ctrl-D behind them for the end.
 */
const pieceBytes = 3001;

/** @param readsLines whether the terminal is in canonical mode; in any other one Ctrl-D would be a byte like others */
export function createTypist(
  terminal: { write(bytes: Buffer): Promise<void> },
  readsLines: () => Promise<boolean>,
): Typist {
  /** Bytes of an unfinished line that the terminal keeps. */
  let kept = 0;

  async function typePiece(bytes: Buffer): Promise<void> {
    await terminal.write(bytes);
    const end = bytes.lastIndexOf(lf);
    kept = end === -1 ? kept + bytes.length : bytes.length - 1 - end;
  }

  async function handOver(): Promise<void> {
    if (kept >= pieceBytes && (await readsLines())) await terminal.write(Buffer.of(endOfInput));
    if (kept >= pieceBytes) kept = 0;
  }

  return {
    async type(bytes) {
      for (let at = 0; at < bytes.length; ) {
        const room = pieceBytes - kept;
        const end = bytes.indexOf(lf, at);
        // Whole lines that are short need no care.
        const to = end !== -1 && end - at < room ? lastShortLine(bytes, end) + 1 : Math.min(at + room, bytes.length);
        await typePiece(bytes.subarray(at, to));
        await handOver();
        at = to;
      }
    },
    async end() {
      // Within a line the first Ctrl-D only hands over what stands in it (termios(3), VEOF).
      await terminal.write(Buffer.alloc(kept === 0 ? 1 : 2, endOfInput));
    },
  };
}

/** Of lines that each are shorter than a piece, the last one's end. */
function lastShortLine(bytes: Buffer, firstEnd: number): number {
  let last = firstEnd;
  for (
    let end = bytes.indexOf(lf, last + 1);
    end !== -1 && end - last < pieceBytes;
    end = bytes.indexOf(lf, last + 1)
  ) {
    last = end;
  }
  return last;
}
