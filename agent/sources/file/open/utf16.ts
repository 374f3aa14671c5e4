/** How a file's text is written, told by the byte order mark it begins with. */
export type Encoding = 'unmarked' | 'utf8' | Utf16;

export type Utf16 = 'utf16le' | 'utf16be';

/** A byte order mark and the encoding it stands for. */
export interface Mark {
  encoding: Encoding;
  length: number;
}

/** The byte order mark at the beginning of a file. */
export function markOf(start: Buffer): Mark {
  if (start[0] === 0xff && start[1] === 0xfe) return { encoding: 'utf16le', length: 2 };
  if (start[0] === 0xfe && start[1] === 0xff) return { encoding: 'utf16be', length: 2 };
  if (start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf) return { encoding: 'utf8', length: 3 };
  return { encoding: 'unmarked', length: 0 };
}

export function isUtf16(encoding: Encoding): encoding is Utf16 {
  return encoding === 'utf16le' || encoding === 'utf16be';
}

/** True while a file is so short that it may yet turn out to begin with a byte order mark. */
export function mayBecomeMark(start: Buffer): boolean {
  if (start.length === 1) return start[0] === 0xff || start[0] === 0xfe || start[0] === 0xef;
  return start.length === 2 && start[0] === 0xef && start[1] === 0xbb;
}

/** UTF-16 bytes to UTF-8 lines. */
export interface Utf16Text {
  /**
   * The whole lines in what came so far. The unfinished one is held back, so that a position counted in the file's
   * bytes always stands at the end of a line; only past `heldLimitBytes` it is given in pieces.
   */
  push(bytes: Buffer): Buffer;
  /** Bytes of the file that are held back. */
  readonly heldBytes: number;
  /** What is held back, as it is. */
  flush(): Buffer;
}

const heldLimitBytes = 256 * 1024;

export function createUtf16Text(encoding: Utf16): Utf16Text {
  let held: Buffer = Buffer.alloc(0);

  function decode(bytes: Buffer): string {
    if (encoding === 'utf16le') return bytes.toString('utf16le');
    return Buffer.from(bytes).swap16().toString('utf16le');
  }

  return {
    push(bytes) {
      const all = Buffer.concat([held, bytes]);
      const units = all.subarray(0, all.length & ~1);
      const text = decode(units);
      const isTooLong = units.length > heldLimitBytes;
      // Half of a surrogate pair waits for its other half.
      const whole = isTooLong ? text.length - (/[\ud800-\udbff]$/.test(text) ? 1 : 0) : 0;
      const end = Math.max(text.lastIndexOf('\n') + 1, whole);
      held = all.subarray(end * 2);
      return Buffer.from(text.slice(0, end));
    },
    get heldBytes() {
      return held.length;
    },
    flush() {
      const rest = Buffer.from(decode(held.subarray(0, held.length & ~1)));
      held = Buffer.alloc(0);
      return rest;
    },
  };
}
