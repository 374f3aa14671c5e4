import { SseTailError } from '../../words/errors.ts';

/**
 * An encoding's name as the Encoding standard has it (`gbk`, `windows-1252`); undefined for one that is unknown, or
 * doesn't write ASCII as it is: line ends and ESC have to be where they seem to be.
 */
export function encodingNamed(name: string): string | undefined {
  try {
    const { encoding } = new TextDecoder(name);
    const ascii = Buffer.from(Array.from({ length: 0x80 }, (_, code) => code));
    const decode = decoderOf(encoding);
    const isAscii = decode === undefined || decode(ascii) === ascii.toString('latin1');
    // ISO-2022-JP switches by escape sequences, which would be taken for a terminal's.
    return isAscii && encoding !== 'iso-2022-jp' ? encoding : undefined;
  } catch {
    return undefined;
  }
}

/** Bytes of an encoding as text. With `stream` a character may go on in the next bytes. */
export type Decode = (bytes: Buffer, options?: { stream: boolean }) => string;

/** @param encoding as `encodingNamed` has it; undefined where the bytes are UTF-8 and need no decoding */
export function decoderOf(encoding: string | undefined): Decode | undefined {
  if (encoding === undefined || encoding === 'utf-8') return undefined;
  const decoder = new TextDecoder(encoding);
  // Which encodings these are differs from one Node to the next.
  if (decoder.decode(Buffer.of(0x1a)) === '\x1c') {
    return (bytes, options) => decoder.decode(bytes, options).replace(/\p{Cc}/gu, unturned);
  }
  if (encoding !== 'windows-1252') return (bytes, options) => decoder.decode(bytes, options);
  // Node 20 takes it for ISO 8859-1.
  return (bytes) =>
    bytes.toString('latin1').replace(/[\x80-\x9f]/g, (sign) => upperControls[sign.charCodeAt(0) - 0x80] ?? sign);
}

/** The last index up to `end` where a character can end, of those that begin at `from` and after. */
export function characterEnd(bytes: Buffer, from: number, end: number, decode: Decode): number {
  const start = safeStart(bytes, from, end);
  for (let at = end; at > end - 4; at--) {
    if (at <= start) return start;
    decode(bytes.subarray(start, at), { stream: true });
    // What is left of a character comes now, as U+FFFD.
    if (decode(none) === '') return at;
  }
  return end;
}

/** Behind a byte that is no part of a longer character in any encoding, as near to the end as there is one. */
function safeStart(bytes: Buffer, from: number, end: number): number {
  for (let at = end - 1; at > from; at--) if ((bytes[at] as number) < 0x30) return at + 1;
  return from;
}

/** Bytes that may begin with a byte order mark of UTF-16, as UTF-8. It can be in any pieces. */
export interface MarkedText {
  /** The same bytes where the text is not UTF-16; nothing as long as that is not known. */
  take(bytes: Buffer): Buffer;
  readonly isUtf16: boolean;
  /** The text ends: what was not whole. The next bytes begin another one. */
  end(): Buffer;
}

export function createMarkedText(): MarkedText {
  let state: 'start' | 'as it is' | Decode = 'start';
  let start = none;

  function begin(bytes: Buffer): Buffer {
    const all = start.length > 0 ? Buffer.concat([start, bytes]) : bytes;
    start = none;
    if (all.length === 1 && (all[0] === 0xff || all[0] === 0xfe)) {
      start = Buffer.from(all);
      return none;
    }
    if (all.length === 0) return none;
    const isLittle = all[0] === 0xff && all[1] === 0xfe;
    const isBig = all[0] === 0xfe && all[1] === 0xff;
    state = decoderOf(isLittle ? 'utf-16le' : isBig ? 'utf-16be' : undefined) ?? 'as it is';
    return take(all);
  }

  function take(bytes: Buffer): Buffer {
    if (state === 'start') return begin(bytes);
    return state === 'as it is' ? bytes : Buffer.from(state(bytes, { stream: true }));
  }

  return {
    take,
    get isUtf16() {
      return typeof state === 'function';
    },
    end() {
      const rest = typeof state === 'function' ? Buffer.from(state(none)) : start;
      state = 'start';
      start = none;
      return rest;
    },
  };
}

const none = Buffer.alloc(0);

/** What windows-1252 has in the place of C1's control characters. */
const upperControls = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** ICU turns three control characters around, as IBM had them on its PCs; the Encoding standard does not. */
const turned: Record<string, string> = { '\x1a': '\x7f', '\x1c': '\x1a', '\x7f': '\x1c' };
const unturned = (sign: string) => turned[sign] ?? sign;

/** @throws SseTailError kind `usage` */
export function checkEncoding(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const encoding = encodingNamed(name);
  if (encoding !== undefined) return encoding;
  throw new SseTailError(
    'usage',
    `encoding expects an ASCII-compatible one, such as gbk or windows-1252, but got "${name}".`,
    {
      option: 'encoding',
    },
  );
}
