import { endsWithBel, startsPassthrough } from './escapes/scan.ts';
import { startsImage } from './escapes/sequences.ts';

/**
 * A control string that is longer than what is held of a line, or an image whose data has line ends in it: nothing of
 * it can be seen, so its bytes are passed over as they come. It ends at its terminator, or where something stands that
 * can't be part of it: what follows is text.
 */
export class LongString {
  isOver = false;
  private readonly isImage: boolean;
  private readonly isQuoting: boolean;
  private readonly endsWithBel: boolean;
  private isAfterEscape = false;

  /** @param at of the string's ESC */
  constructor(bytes: Buffer, at: number) {
    this.isImage = startsImage(bytes, at);
    this.isQuoting = startsPassthrough(bytes, at + 2);
    this.endsWithBel = endsWithBel(bytes[at + 1] as number) && !this.isQuoting;
  }

  /** How far it goes in `bytes`, from index `at` on; the bytes' length while it is not over. */
  skip(bytes: Buffer, at: number): number {
    for (let next = at; next < bytes.length; next++) {
      const byte = bytes[next] as number;
      if (this.isAfterEscape) {
        this.isAfterEscape = false;
        if (byte === backslash) return this.endAt(next + 1);
        if (!(this.isQuoting && byte === esc)) return this.endAt(next);
      } else if (byte === esc) {
        this.isAfterEscape = true;
      } else if (byte === bel && this.endsWithBel) {
        return this.endAt(next + 1);
      } else if (!this.mayHold(byte)) {
        return this.endAt(next);
      }
    }
    return bytes.length;
  }

  private endAt(index: number): number {
    this.isOver = true;
    return index;
  }

  private mayHold(byte: number): boolean {
    if (byte === lf || byte === cr) return this.isImage;
    if (byte === 0x18 || byte === 0x1a) return false;
    // Base64 and sixels have no blanks: where words begin, an image was broken off.
    return !this.isImage || (byte > 0x20 && byte < 0x7f);
  }
}

const esc = 0x1b;
const bel = 0x07;
const lf = 0x0a;
const cr = 0x0d;
const backslash = 0x5c;
