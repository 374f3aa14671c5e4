import { dataField } from '../../frame/fields.ts';

/** The lines of whole events, found by one look at each byte. */
export interface LineEnds {
  /** How many events there are. */
  readonly length: number;
  /** Where event `i` begins, where its text begins, and where its text ends. */
  eventStart(i: number): number;
  textStart(i: number): number;
  textEnd(i: number): number;
  /** Whether its text is printable ASCII and TAB, so that it is seen just as its bytes are. */
  isPlain(i: number): boolean;
}

/** Finds the lines of one buffer after another, in the same memory. */
export interface LineEndFinder {
  /** What it returns is valid until the next call. */
  find(events: Buffer): LineEnds;
}

const lf = 0x0a;
const tab = 0x09;
const del = 0x7f;
/** An event ends its head, its data, and itself. */
const endsPerEvent = 3;

/**
 * Four bytes at a time, and what is no usual character is looked at closer: a native search for each line end would
 * take as long as all of it.
 */
export function createLineEndFinder(): LineEndFinder {
  /** Twice the place of each LF, and one more where what it ends holds an unusual byte. */
  let ends = new Int32Array(4096);
  let count = 0;
  let unusual = 0;

  function note(at: number): void {
    if (count === ends.length) {
      const larger = new Int32Array(4 * count);
      larger.set(ends);
      ends = larger;
    }
    ends[count++] = 2 * at + unusual;
    unusual = 0;
  }

  function look(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; at++) {
      const byte = bytes[at] as number;
      if (byte === lf) note(at);
      else if ((byte < 0x20 && byte !== tab) || byte >= del) unusual = 1;
    }
  }

  const lines: LineEnds = {
    get length() {
      return Math.floor(count / endsPerEvent);
    },
    eventStart: (i) => (i === 0 ? 0 : ((ends[endsPerEvent * i - 1] as number) >> 1) + 1),
    textStart: (i) => ((ends[endsPerEvent * i] as number) >> 1) + 1 + dataField.length,
    textEnd: (i) => (ends[endsPerEvent * i + 1] as number) >> 1,
    isPlain: (i) => ((ends[endsPerEvent * i + 1] as number) & 1) === 0,
  };

  return {
    find(events) {
      count = 0;
      unusual = 0;
      const wordsStart = Math.min((4 - (events.byteOffset & 3)) & 3, events.length);
      const words = new Int32Array(events.buffer, events.byteOffset + wordsStart, (events.length - wordsStart) >> 2);
      const hasDel = events.includes(del);
      look(events, 0, wordsStart);
      for (let at = 0; at < words.length; at++) {
        const word = words[at] as number;
        // The high bit of each byte that is below 0x20, or above 0x7f, and maybe of the one after such a byte.
        if ((((word - 0x20202020) | word) & 0x80808080) === 0 && !hasDel) continue;
        const start = wordsStart + 4 * at;
        look(events, start, start + 4);
      }
      look(events, wordsStart + 4 * words.length, events.length);
      return lines;
    },
  };
}
