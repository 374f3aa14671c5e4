import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokens } from '../../../../agent/text/escapes/escapes.ts';
import { linkSequence, linkTo } from '../../../../agent/text/escapes/link.ts';
import { applySgr, defaultStyle, sgrText } from '../../../../agent/text/escapes/sgr.ts';
import { visibleText } from '../../../../agent/text/escapes/strip.ts';
import { createSplitter, type Splitter } from '../../../../agent/text/lines/splitter.ts';
import { foldLine } from '../../../../agent/text/row/row.ts';

interface Line {
  text: string;
  continued: boolean;
  /** Bytes taken and not in a line, as read while the line was given. */
  pending: number;
}

function recorder(maxLineBytes?: number): { lines: Line[]; splitter: Splitter } {
  const lines: Line[] = [];
  const splitter: Splitter = createSplitter(
    {
      line(bytes, start, end, continued) {
        lines.push({ text: bytes.toString('utf8', start, end), continued, pending: splitter.pending });
      },
    },
    maxLineBytes === undefined ? {} : { maxLineBytes },
  );
  return { lines, splitter };
}

function bytesOf(text: string | Buffer): Buffer {
  return typeof text === 'string' ? Buffer.from(text) : text;
}

/** The texts of the lines that chunks make, the end of the text included. */
function split(...chunks: (string | Buffer)[]): string[] {
  const { lines, splitter } = recorder();
  for (const chunk of chunks) splitter.write(bytesOf(chunk));
  splitter.end();
  return lines.map((line) => line.text);
}

function bytewise(text: string | Buffer): Buffer[] {
  return [...bytesOf(text)].map((byte) => Buffer.of(byte));
}

describe('line ends', () => {
  it('ends a line at LF and at CRLF', () => {
    expect(split('a\nb\r\nc\n')).toEqual(['a', 'b', 'c']);
  });

  it('keeps empty lines', () => {
    expect(split('\n\r\na\n\n')).toEqual(['', '', 'a', '']);
  });

  it('takes a CRLF that is split over chunks for one line end', () => {
    expect(split('a\r', '\nb\r', '\n')).toEqual(['a', 'b']);
  });

  it('takes several CRs before LF for one line end and leaves the line as it is', () => {
    expect(split('a\tb\r\r\n', 'c\r', '\r', '\nd')).toEqual(['a\tb', 'c', 'd']);
  });

  it('makes a line of an unfinished last line when the text ends', () => {
    expect(split('a\nb')).toEqual(['a', 'b']);
    expect(split('a\nb\r')).toEqual(['a', 'b']);
  });

  it.each(['\x1b[0m', '\r\x1b[K', '\x1b[2K\x1b[1G\x1b[?25h', 'gone\r\x1b[K', 'gone\r    \r'])(
    'makes no line of an unfinished end that shows nothing: %j',
    (end) => {
      expect(split(`a\n${end}`)).toEqual(['a']);
      expect(split(end)).toEqual([]);
    },
  );

  it.each(['\ufeff', '\u00a0', '\u3000'])('makes a line of an unfinished end of %j, which is no space', (text) => {
    // A mark without width stands on a blank.
    expect(split(`\n${text}\x1b7`)).toEqual(['', expect.stringMatching(new RegExp(`^ ?${text}$`))]);
  });

  it('gives no line for no bytes', () => {
    expect(split('')).toEqual([]);
    expect(split()).toEqual([]);
  });
});

describe('UTF-8', () => {
  it('puts characters together that chunks split', () => {
    expect(split(...bytewise('größer 漢字 👩‍👩‍👧\n'))).toEqual(['größer 漢字 👩‍👩‍👧']);
  });

  it('makes U+FFFD of broken bytes as TextDecoder does', () => {
    const broken = Buffer.from([
      0x61, 0xff, 0xc3, 0x28, 0xf0, 0x9f, 0x98, 0x62, 0xed, 0xa0, 0x80, 0xc0, 0xaf, 0xf4, 0x90, 0x80, 0x80,
    ]);
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(broken);
    expect(split(broken, '\nok\n')).toEqual([text, 'ok']);
    expect(split(...bytewise(broken), '\nok\n')).toEqual([text, 'ok']);
  });

  it('makes U+FFFD of a character that the end of the text cuts off', () => {
    expect(split(Buffer.from([0x61, 0xf0, 0x9f, 0x98]))).toEqual(['a\ufffd']);
  });

  it('drops a byte order mark at the start of a text, in however many chunks', () => {
    expect(split('\ufeffa\n\ufeffb\n')).toEqual(['a', '\ufeffb']);
    expect(split(...bytewise('\ufeffa\n'))).toEqual(['a']);
    expect(split('\ufeff')).toEqual([]);
    expect(split(Buffer.from([0xef, 0xbb]))).toEqual(['\ufffd']);
    expect(split(Buffer.from([0xef]), '\nb')).toEqual(['\ufffd', 'b']);
  });

  it('drops the byte order mark of the next text as well', () => {
    const { lines, splitter } = recorder();
    splitter.write(Buffer.from('\ufeffa\n'));
    splitter.end();
    splitter.write(Buffer.from('\ufeffb\n'));
    expect(lines.map((line) => line.text)).toEqual(['a', 'b']);
  });

  it('keeps U+FEFF where a text goes on', () => {
    const { lines, splitter } = recorder();
    splitter.resume(Buffer.from('before'));
    splitter.write(Buffer.from('\ufeffa\n'));
    expect(lines.map((line) => line.text)).toEqual(['\ufeffa']);
  });
});

describe('color', () => {
  it('leaves escape sequences of a line that stands alone as they are', () => {
    const line = '\x1b[01;31m\x1b[Kmatch\x1b[m\x1b[K \x1b[?25l\x1b]8;;http://a\x07b\x1b]8;;\x07\x07 \0';
    expect(split(`${line}\n`)).toEqual([line]);
  });

  it('puts the color in force in front of the lines it reaches', () => {
    expect(split('\x1b[1;31ma\nb\n\x1b[22mc\n\x1b[39md\ne\n')).toEqual([
      '\x1b[1;31ma',
      '\x1b[1;31mb',
      '\x1b[1;31m\x1b[22mc',
      '\x1b[31m\x1b[39md',
      'e',
    ]);
  });

  it('carries it over an empty line', () => {
    expect(split('\x1b[32m\n\nx\x1b[0m\n')).toEqual(['\x1b[32m', '\x1b[32m', '\x1b[32mx\x1b[0m']);
  });

  it('knows resets other than SGR', () => {
    expect(split('\x1b[32ma\x1bc\nb\n\x1b[32mc\x1b[!p\nd')).toEqual(['\x1b[32ma\x1bc', 'b', '\x1b[32mc\x1b[!p', 'd']);
  });

  it('takes no SGR out of a control string, and is not fooled by private sequences', () => {
    expect(split('\x1b]0;t\x07a\x1b[>4;1mb\x1b[?1mc\x1bP1\x1b\\\nd')).toEqual([
      '\x1b]0;t\x07a\x1b[>4;1mb\x1b[?1mc\x1bP1\x1b\\',
      'd',
    ]);
  });

  it('does not let an unterminated control string hide a color', () => {
    expect(split('\x1b]0;title \x1b[31mred\nb')[1]).toBe('\x1b[31mb');
  });

  it('takes up the color at the end of a stored line', () => {
    const { lines, splitter } = recorder();
    splitter.resume(Buffer.from('\x1b[32ma\x1b[1mb'));
    splitter.write(Buffer.from('c\n'));
    expect(lines[0]?.text).toBe('\x1b[1;32mc');
  });

  it('forgets it at the end of the text', () => {
    const { lines, splitter } = recorder();
    splitter.write(Buffer.from('\x1b[32ma'));
    splitter.end();
    splitter.write(Buffer.from('b\n'));
    expect(lines.map((line) => line.text)).toEqual(['\x1b[32ma', 'b']);
  });
});

describe('folding', () => {
  it('makes one line of a progress bar', () => {
    const steps = Array.from({ length: 1000 }, (_, step) => `\r\x1b[K${step}/1000`);
    expect(split(`${steps.join('')}\nnext\n`)).toEqual(['999/1000', 'next']);
    expect(split(...steps, '\nnext\n')).toEqual(['999/1000', 'next']);
  });

  it('carries the color through a folded line', () => {
    expect(split('\x1b[31m10%\r20%\nb\n')).toEqual(['\x1b[31m20%', '\x1b[31mb']);
  });

  it('folds backspaces', () => {
    expect(split('abc\b\bX\n')).toEqual(['aXc']);
  });

  it('mends broken UTF-8 in a folded line', () => {
    expect(split(Buffer.from([0x61, 0x0d, 0xff, 0x0a]))).toEqual(['\ufffd']);
  });
});

describe('the unfinished line', () => {
  it('is shown as it looks now', () => {
    const { splitter } = recorder();
    expect(splitter.partial()).toBe('');
    splitter.write(Buffer.from('\x1b[32mdone\n10%'));
    expect(splitter.partial()).toBe('\x1b[32m10%');
    splitter.write(Buffer.from('\r20%\x1b[0'));
    expect(visibleText(splitter.partial())).toBe('20%');
    splitter.write(Buffer.from('m!'));
    splitter.write(Buffer.of(0xc3));
    expect(visibleText(splitter.partial())).toBe('20%!');
    splitter.write(Buffer.of(0xa4));
    expect(visibleText(splitter.partial())).toBe('20%!ä');
    splitter.write(Buffer.from('\n'));
    expect(splitter.partial()).toBe('');
  });

  it('is gone after discard and end', () => {
    const { lines, splitter } = recorder();
    splitter.write(Buffer.from('\x1b[31mabc'));
    splitter.discard();
    expect([splitter.partial(), splitter.pending, lines.length]).toEqual(['', 0, 0]);
    splitter.write(Buffer.from('abc'));
    splitter.end();
    expect([splitter.partial(), splitter.pending, lines.length]).toEqual(['', 0, 1]);
  });

  it('does not change what becomes of the line', () => {
    fc.assert(
      fc.property(chunkedText, fc.constantFrom(256, 300, undefined), (chunks, max) => {
        const asked = recorder(max);
        const quiet = recorder(max);
        for (const chunk of chunks) {
          quiet.splitter.write(chunk);
          asked.splitter.write(chunk);
          expect(asked.splitter.partial()).not.toMatch(/[\r\n]/);
        }
        asked.splitter.end();
        quiet.splitter.end();
        expect(asked.lines).toEqual(quiet.lines);
      }),
    );
  });

  it('shows before LF what the line is after it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b', '漢', 'é', ' ', '\r', '\b', '\x1b[31m', '\x1b[2C', '\x1b[K') }),
        (text) => {
          const { lines, splitter } = recorder();
          for (const byte of bytewise(text)) {
            splitter.write(byte);
            splitter.partial();
          }
          const partial = visibleText(splitter.partial());
          splitter.write(Buffer.from('\n'));
          expect(visibleText(lines[0]?.text ?? '').trimEnd()).toBe(partial.trimEnd());
        },
      ),
    );
  });
});

describe('long lines', () => {
  it('are not cut at the limit, and are beyond it', () => {
    for (const ending of ['\n', '\r\n']) {
      const { lines, splitter } = recorder(256);
      splitter.write(Buffer.from(`${'x'.repeat(256)}${ending}${'y'.repeat(257)}${ending}`));
      expect(lines.map(({ text, continued }) => [text.length, continued])).toEqual([
        [256, false],
        [256, true],
        [1, false],
      ]);
    }
  });

  it('are not cut at the limit when CRLF comes in pieces', () => {
    const { lines, splitter } = recorder(256);
    for (const byte of bytewise(`${'x'.repeat(256)}\r\ny\n`)) splitter.write(byte);
    expect(lines.map((line) => line.text)).toEqual(['x'.repeat(256), 'y']);
  });

  it('are not cut inside a character or an escape sequence', () => {
    const { lines, splitter } = recorder(256);
    splitter.write(Buffer.from(`${'x'.repeat(255)}漢${'x'.repeat(250)}\x1b[38;5;196mred\n`));
    expect(lines.map((line) => line.text)).toEqual(['x'.repeat(255), `漢${'x'.repeat(250)}`, '\x1b[38;5;196mred']);
  });

  it('lose nothing where they have to be folded', () => {
    const { lines, splitter } = recorder(256);
    const broken = Buffer.from([0xf0, 0x9f, 0xff]);
    splitter.write(
      Buffer.concat([Buffer.from(`gone\r${'👍é漢'.repeat(50)}`), broken, Buffer.from(`${'👍x'.repeat(50)}\n`)]),
    );
    expect(lines.map((line) => line.text).join('')).toBe(`${'👍é漢'.repeat(50)}\ufffd\ufffd${'👍x'.repeat(50)}`);
    expect(lines.map((line) => line.continued).lastIndexOf(true)).toBe(lines.length - 2);
  });

  it('end with their line, also where a control string has no terminator: the next line is shown', () => {
    for (const begin of ['\x1b]', '\x1b]0;', '\x1bP1;2|', 'x\x1b_']) {
      const text = Buffer.from(`${begin}${'title '.repeat(60)}\n${'y'.repeat(20)}\nz\n`);
      for (const chunks of [[text], bytewise(text), [text.subarray(0, 300), text.subarray(300)]]) {
        const { lines, splitter } = recorder(256);
        for (const chunk of chunks) splitter.write(chunk);
        expect(lines.map((line) => line.text).slice(-2)).toEqual(['y'.repeat(20), 'z']);
      }
    }
  });

  it('carry their color from piece to piece', () => {
    const { lines, splitter } = recorder(256);
    splitter.write(Buffer.from(`\x1b[31m${'x'.repeat(600)}\x1b[0m\n`));
    expect(lines.every((line) => line.text.startsWith('\x1b[31m') && Buffer.byteLength(line.text) <= 256)).toBe(true);
    expect(lines.map((line) => visibleText(line.text)).join('')).toBe('x'.repeat(600));
  });

  it('cost bounded memory, a gigabyte long', () => {
    const chunk = Buffer.alloc(1 << 20, 'x');
    let pieces = 0;
    let bytes = 0;
    const splitter = createSplitter({
      line(_bytes, start, end) {
        pieces++;
        bytes += end - start;
      },
    });
    for (let index = 0; index < 1024; index++) {
      splitter.write(chunk);
      expect(splitter.pending).toBeLessThan(300_000);
    }
    splitter.end();
    expect([pieces, bytes]).toEqual([4096, 2 ** 30]);
  });

  it('stay one line when they rewrite themselves for hours, and stay pending as a whole', () => {
    const { lines, splitter } = recorder();
    const chunk = Buffer.from('\r\x1b[K 50% [=====>    ] downloading'.repeat(2000));
    for (let index = 0; index < 200; index++) splitter.write(chunk);
    expect(splitter.pending).toBe(200 * chunk.length);
    expect(splitter.partial()).toBe(' 50% [=====>    ] downloading');
    splitter.write(Buffer.from('\rdone\x1b[K\n'));
    expect(lines).toEqual([{ text: 'done', continued: false, pending: 0 }]);
  });
});

const piece = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é', '漢', '👍', '\u0301', '\u200d') }) },
  { weight: 2, arbitrary: fc.constantFrom('\n', '\r\n', '\r', '\r\r\n', '\t', '\b', '\0', '\x07', '\ufeff') },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom('0', '', '1', '31', '1;32', '38;5;196', '48;2;1;2;3', '39', '22', '38:2::1:2:3', '4:3')
      .map((params) => `\x1b[${params}m`),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '\x1b[K',
      '\x1b[1K',
      '\x1b[2K',
      '\x1b[3C',
      '\x1b[2D',
      '\x1b[5G',
      '\x1b[2P',
      '\x1b[2@',
      '\x1b[3X',
      '\x1b[J',
      '\x1b[2;3H',
      '\x1b7',
      '\x1b8',
      '\x1b[600C',
      '\x1b[4b',
      '\x1b[A',
      '\x1b[?25l',
      '\x1bc',
      '\x1b(B',
      '\x1b',
      '\x1b[',
      '\x1b[3',
      '\x1b]',
      '\x1b\\',
      '\x9b31m',
      '\x85',
      '\x1b]8;;http://a/\x1b\\',
      '\x1b]8;;\x07',
      '\x1b]0;title\x07',
      '\x1bPq#0;1\x1b\\',
    ),
  },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 700 }).map((length) => 'x'.repeat(length)) },
  { weight: 1, arbitrary: fc.integer({ min: 254, max: 258 }).map((length) => `\n${'x'.repeat(length)}\r\n`) },
  { weight: 1, arbitrary: fc.integer({ min: 50, max: 300 }).map((length) => '漢x'.repeat(length)) },
  { weight: 1, arbitrary: fc.integer({ min: 20, max: 100 }).map((length) => `\r${'👍é'.repeat(length)}`) },
);

const terminalText = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: piece.map((text) => Buffer.from(text)) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)) },
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.concat(parts));

/** The same, cut anywhere. */
const chunkedText = fc.tuple(terminalText, fc.array(fc.nat(), { maxLength: 12 })).map(([text, cuts]) => {
  const at = [0, ...cuts.map((cut) => cut % (text.length + 1)), text.length].sort((a, b) => a - b);
  return at.slice(1).map((end, index) => text.subarray(at[index], end));
});

const limit = fc.constantFrom(256, 257, 300, 1000, undefined);

describe('any text', () => {
  it('makes the same lines however it is cut', () => {
    fc.assert(
      fc.property(chunkedText, limit, (chunks, max) => {
        const whole = recorder(max);
        const cut = recorder(max);
        const single = recorder(max);
        const text = Buffer.concat(chunks);
        whole.splitter.write(text);
        whole.splitter.end();
        for (const chunk of chunks) cut.splitter.write(chunk);
        cut.splitter.end();
        for (const byte of bytewise(text)) single.splitter.write(byte);
        single.splitter.end();
        const withoutPending = (lines: Line[]) => lines.map(({ text, continued }) => ({ text, continued }));
        expect(withoutPending(cut.lines)).toEqual(withoutPending(whole.lines));
        expect(withoutPending(single.lines)).toEqual(withoutPending(whole.lines));
      }),
      { numRuns: 500 },
    );
  });

  it('makes the same lines where plain ones may be given together', () => {
    const plainLines = fc
      .array(fc.stringMatching(/^[ -~é漢]{0,90}$/), { minLength: 20, maxLength: 60 })
      .map((lines) => Buffer.from(lines.map((line) => `${line}\n`).join('')));
    const part = fc.oneof({ weight: 4, arbitrary: plainLines }, { weight: 1, arbitrary: terminalText });
    const text = fc.array(part, { maxLength: 8 }).map((parts) => Buffer.concat(parts));
    let together = 0;
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 3 }), fc.constantFrom(8000, undefined), (text, cuts, max) => {
        const oneByOne = recorder(max);
        const lines: { text: string; continued: boolean }[] = [];
        let taken = 0;
        const splitter: Splitter = createSplitter(
          {
            line: (bytes, start, end, continued) => lines.push({ text: bytes.toString('utf8', start, end), continued }),
            lines(bytes, start, end) {
              together++;
              const position = taken - splitter.pending;
              expect(text.subarray(position - (end - start), position).equals(bytes.subarray(start, end))).toBe(true);
              const texts = bytes.toString('utf8', start, end).split('\n');
              expect(texts.pop()).toBe('');
              lines.push(...texts.map((line) => ({ text: line, continued: false })));
            },
          },
          max === undefined ? {} : { maxLineBytes: max },
        );
        const at = [0, ...cuts.map((cut) => cut % (text.length + 1)), text.length].sort((a, b) => a - b);
        for (const [index, end] of at.slice(1).entries()) {
          const chunk = text.subarray(at[index], end);
          taken += chunk.length;
          for (const each of [oneByOne.splitter, splitter]) each.write(chunk);
        }
        for (const each of [oneByOne.splitter, splitter]) each.end();
        expect(lines).toEqual(oneByOne.lines.map(({ text, continued }) => ({ text, continued })));
      }),
      { numRuns: 500 },
    );
    expect(together).toBeGreaterThan(100);
  });

  it('makes lines of valid UTF-8 without LF and CR that keep the limit', () => {
    fc.assert(
      fc.property(chunkedText, limit, (chunks, max) => {
        const splitter = createSplitter(
          {
            line(bytes, start, end) {
              const line = bytes.subarray(start, end);
              expect(Buffer.from(line.toString()).equals(line)).toBe(true);
              expect(line.includes(0x0a) || line.includes(0x0d)).toBe(false);
              expect(line.length).toBeLessThanOrEqual(max ?? 262_144);
            },
          },
          max === undefined ? {} : { maxLineBytes: max },
        );
        for (const chunk of chunks) splitter.write(chunk);
        splitter.end();
      }),
      { numRuns: 500 },
    );
  });

  it('can be taken up at any line from the position told by pending', () => {
    fc.assert(
      fc.property(chunkedText, limit, fc.nat(), (chunks, max, pick) => {
        const text = Buffer.concat(chunks);
        const first = recorder(max);
        let taken = 0;
        const marks: { position: number; lines: number }[] = [];
        for (const chunk of chunks) {
          const before = first.lines.length;
          first.splitter.write(chunk);
          taken += chunk.length;
          for (let index = before; index < first.lines.length; index++) {
            marks.push({ position: taken - (first.lines[index]?.pending ?? 0), lines: index + 1 });
          }
          marks.push({ position: taken - first.splitter.pending, lines: first.lines.length });
        }
        first.splitter.end();
        const mark = marks[pick % marks.length] ?? { position: 0, lines: 0 };
        const second = recorder(max);
        const last = first.lines[mark.lines - 1];
        if (last) second.splitter.resume(Buffer.from(last.text));
        second.splitter.write(text.subarray(mark.position));
        second.splitter.end();
        expect(second.lines.map((line) => line.text)).toEqual(first.lines.slice(mark.lines).map((line) => line.text));
      }),
      { numRuns: 1000 },
    );
  });

  it('makes the lines of a slow and simple model', () => {
    fc.assert(
      fc.property(chunkedText, (chunks) => {
        expect(split(...chunks)).toEqual(modelLines(Buffer.concat(chunks)));
      }),
      { numRuns: 500 },
    );
  });

  it('gives pieces of a long line that together are the line', () => {
    fc.assert(
      fc.property(chunkedText, (chunks) => {
        const whole = recorder();
        const cut = recorder(256);
        for (const { splitter } of [whole, cut]) {
          for (const chunk of chunks) splitter.write(chunk);
          splitter.write(Buffer.from('\n'));
        }
        fc.pre(!beyondSgr.test(Buffer.concat(chunks).toString().replace(sgrOrLineEnd, '')));
        const joined: string[] = [''];
        for (const { text, continued } of cut.lines) {
          joined[joined.length - 1] += visibleText(text);
          if (!continued) joined.push('');
        }
        expect(joined.slice(0, -1)).toEqual(whole.lines.map((line) => visibleText(line.text)));
      }),
      { numRuns: 500 },
    );
  });
});

// What moves in the line sees no further than its piece, and an escape sequence that had to be cut is none any more.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const beyondSgr = /[\r\b\x1b\x80-\x9f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const sgrOrLineEnd = /\x1b\[[\d;:]*m|\r+\n/g;

/** Decodes everything, splits strings, reads every escape sequence; knows no limit. */
function modelLines(text: Buffer): string[] {
  const decoded = new TextDecoder().decode(text);
  const parts = decoded.split('\n');
  const unfinished = parts.pop() ?? '';
  const lines: string[] = [];
  let style = defaultStyle;
  let link = '';
  const take = (part: string, isLast: boolean) => {
    const line = part.replace(/\r+$/, '');
    const needsFolding =
      /[\r\b]/.test(line) ||
      [...tokens(line.replace(/[\x80-\x9f]/g, '?'))].some(
        (token) =>
          (token.type === 'escape' && (token.code === '7' || token.code === '8')) ||
          (token.type === 'csi' &&
            '@CDEFGHIJKPXZ`abfjsu'.includes(token.final || '\n') &&
            /^[\d;:]*$/.test(token.params) &&
            !('JK'.includes(token.final) && (token.params === '' || token.params === '0'))),
      );
    if (needsFolding) {
      const folded = foldLine(line, style, link);
      if (!isLast || !/^ *$/.test(visibleText(folded.text))) lines.push(folded.text);
      ({ style, link } = folded);
      return;
    }
    if (!isLast || visibleText(line) !== '') lines.push(sgrText(style) + (link && linkSequence(link)) + line);
    for (const token of tokens(line.replace(/[\x80-\x9f]/g, '?'))) {
      if (token.type === 'sgr') style = applySgr(style, token.params);
      else if (token.type === 'escape' && token.code === 'c') {
        style = defaultStyle;
        link = '';
      } else if (token.type === 'link') link = linkTo(token.params, token.uri);
    }
  };
  for (const part of parts) take(part, false);
  if (unfinished !== '') take(unfinished, true);
  return lines;
}
