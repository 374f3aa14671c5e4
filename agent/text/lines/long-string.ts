import { endsWithBel, isAt, startsPassthrough } from '../escapes/scan.ts';
import { startsImage } from '../escapes/sequences.ts';

/**
 * A control string that is longer than what is held of a line, or an image whose data has line ends in it: nothing of
 * it can be seen, so its bytes are passed over as they come. It ends at its terminator, or where something stands that
 * can't be part of it: what follows is text. What was passed over since its first line end is text then, too: a program
 * that broke off, or printed bytes that only look like an image's start, must not cost lines.
 */
export class LongString {
  isOver = false;
  /** Of bytes of earlier calls: what is text after all, as the string broke off. */
  rest: Buffer = none;
  /** It broke off when more of it had been passed over than is kept. */
  isLost = false;
  readonly isImage: boolean;
  private readonly isQuoting: boolean;
  private readonly endsWithBel: boolean;
  /** What an image's data begins behind, and what it consists of. */
  private readonly dataMark: number;
  private readonly isData: ReadonlySet<number>;
  private readonly mostKept: number;
  private isInData = false;
  private isAfterEscape = false;
  private kept: Buffer[] = [];
  private keptLength = 0;

  /**
   * @param at of the string's ESC
   * @param mostKept bytes of an image in lines that are kept until its end comes
   */
  constructor(bytes: Buffer, at: number, mostKept: number) {
    this.isImage = startsImage(bytes, at);
    this.isQuoting = startsPassthrough(bytes, at + 2);
    this.endsWithBel = endsWithBel(bytes[at + 1] as number) && !this.isQuoting;
    const isSixel = bytes[at + 1] === 0x50;
    this.isData = isSixel ? sixels : base64;
    this.dataMark = isSixel ? 0x71 : isAt(bytes, at + 1, ']1337;FilePart=') ? 0x3d : 0x3a;
    this.mostKept = mostKept;
  }

  /** How far it goes in `bytes`, from index `at` on; the bytes' length while it is not over. */
  skip(bytes: Buffer, at: number): number {
    let lineFeed = -1;
    for (let next = at; next < bytes.length; next++) {
      const byte = bytes[next] as number;
      if (this.isAfterEscape) {
        this.isAfterEscape = false;
        if (byte === backslash) return this.endAt(next + 1);
        if (!(this.isQuoting && byte === esc)) return this.breakAt(bytes, at, lineFeed, next - 1);
      } else if (byte === esc) {
        this.isAfterEscape = true;
      } else if (byte === bel && this.endsWithBel) {
        return this.endAt(next + 1);
      } else if (!this.mayHold(byte)) {
        return this.breakAt(bytes, at, lineFeed, next);
      } else if (byte === lf && lineFeed === -1) {
        lineFeed = next;
      }
    }
    if (this.keptLength > 0) this.keep(bytes.subarray(at));
    else if (lineFeed !== -1) this.keep(bytes.subarray(lineFeed));
    return bytes.length;
  }

  /** Keeps what is text if the string breaks off. */
  keep(bytes: Buffer): void {
    this.keptLength += bytes.length;
    if (this.keptLength <= this.mostKept) this.kept.push(Buffer.from(bytes));
    else this.kept = [];
  }

  /** The text ends within it. Returns what of it is text. */
  giveUp(): Buffer {
    this.isOver = true;
    this.isLost = this.keptLength > this.mostKept;
    return Buffer.concat(this.kept);
  }

  private endAt(index: number): number {
    this.isOver = true;
    return index;
  }

  /** @param next what can't be part of it; before `at` where that is an ESC of an earlier call */
  private breakAt(bytes: Buffer, at: number, lineFeed: number, next: number): number {
    const kept = this.giveUp();
    if (kept.length > 0) {
      this.rest = kept;
      return at;
    }
    if (next < at) this.rest = Buffer.of(esc);
    if (lineFeed === -1) return Math.max(at, next);
    return this.isLost ? bytes.lastIndexOf(lf, next) : lineFeed;
  }

  private mayHold(byte: number): boolean {
    if (!this.isImage) return byte !== lf && byte !== cr && byte !== 0x18 && byte !== 0x1a;
    if (this.isInData) return byte === lf || byte === cr || this.isData.has(byte);
    if (byte === this.dataMark) this.isInData = true;
    return byte > 0x20 && byte < 0x7f;
  }
}

const none = Buffer.alloc(0);
const esc = 0x1b;
const bel = 0x07;
const lf = 0x0a;
const cr = 0x0d;
const backslash = 0x5c;
const base64 = bytesOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=');
/** Six pixels are `?` to `~`; besides them there are repeats, raster attributes, colors, and the ends of rows. */
const sixels = new Set([
  ...bytesOf('!"#$-;0123456789'),
  ...Array.from({ length: 0x7f - 0x3f }, (_, index) => 0x3f + index),
]);

function bytesOf(text: string): ReadonlySet<number> {
  return new Set(Buffer.from(text));
}
