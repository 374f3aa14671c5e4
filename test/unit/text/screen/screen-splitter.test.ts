import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visibleText } from '../../../../agent/text/escapes/strip.ts';
import { createSplitter } from '../../../../agent/text/lines/splitter.ts';
import { createScreenSplitter, type ScreenSplitter } from '../../../../agent/text/screen/screen-splitter.ts';
import { growthOf, linear } from '../../../support/growth.ts';

/** A terminal of 20 columns and 6 rows, whose clock stands still unless it is moved. */
function terminal(columns = 20) {
  const lines: string[] = [];
  const clock = { ms: 0 };
  const size = { columns, rows: 6 };
  const splitter: ScreenSplitter = createScreenSplitter(
    createSplitter({ line: (bytes, start, end) => lines.push(bytes.toString('utf8', start, end)) }),
    { size: () => size, now: () => clock.ms },
  );
  return {
    lines,
    size,
    splitter,
    print: (text: string | Buffer) => splitter.write(Buffer.from(text)),
    rows: () => splitter.rows().map(visibleText),
    /** Lets time go by, as its owner would: calling `settle` whenever it is due. */
    pass(ms: number) {
      const end = clock.ms + ms;
      for (;;) {
        const waitMs = splitter.settle();
        if (waitMs === undefined || clock.ms + waitMs > end) break;
        clock.ms += Math.max(waitMs, 1);
      }
      clock.ms = end;
    },
  };
}

/** The visible text of all lines that a text makes. */
function linesOf(...chunks: (string | Buffer)[]): string[] {
  const { lines, print, splitter } = terminal();
  for (const chunk of chunks) print(chunk);
  splitter.end();
  return lines.map((line) => visibleText(line).trimEnd());
}

/** One frame of a program that draws `rows` again and again. */
const frame = (rows: string[], isFirst: boolean) =>
  `${isFirst ? '' : `\x1b[${rows.length}A`}${rows.map((row) => `\x1b[2K${row}\r\n`).join('')}`;

describe('text alone', () => {
  it('becomes the lines that it becomes without a terminal, however it is cut', () => {
    const text = fc.array(
      fc.constantFrom(
        'a',
        'word ',
        'ü',
        '\t',
        '\r',
        '\r\n',
        '\n',
        '\x1b[31m',
        '\x1b[0m',
        '\b',
        '\x1b[K',
        'x'.repeat(50),
      ),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(
        text,
        fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 200 }),
        fc.integer({ min: 0, max: 400 }),
        (parts, cuts, ms) => {
          const bytes = Buffer.from(parts.join(''));
          const expected: string[] = [];
          const plain = createSplitter({ line: (all, start, end) => expected.push(all.toString('utf8', start, end)) });
          plain.write(bytes);
          plain.end();

          // So wide that nothing reaches its right edge, where CR may mean that a program wraps by itself.
          const { lines, print, pass, splitter } = terminal(10_000);
          let at = 0;
          for (const length of cuts) {
            print(bytes.subarray(at, at + length));
            pass(ms);
            at += length;
          }
          print(bytes.subarray(at));
          splitter.end();
          expect(lines).toEqual(expected);
        },
      ),
    );
  });

  it('is passed on once it has scrolled off, and the rest is shown meanwhile', () => {
    const { lines, rows, print } = terminal();
    print(Array.from({ length: 8 }, (_, i) => `line ${i}\r\n`).join(''));
    expect(lines).toEqual(['line 0', 'line 1', 'line 2']);
    expect(rows()).toEqual(['line 3', 'line 4', 'line 5', 'line 6', 'line 7']);
  });

  it('becomes lines when it has stood still for 300 ms, and its last row after 1.2 s', () => {
    const { lines, rows, print, pass, splitter } = terminal();
    print('one\r\n');
    pass(200);
    print('two\r\nthr');
    pass(99);
    expect(lines).toEqual([]);
    pass(1);
    expect(lines).toEqual(['one']);
    pass(200);
    expect(lines).toEqual(['one', 'two']);
    expect(rows()).toEqual(['thr']);
    expect(splitter.isUnfinished).toBe(true);
    print('ee\r\n');
    pass(1199);
    expect(lines).toEqual(['one', 'two']);
    pass(1);
    expect(lines).toEqual(['one', 'two', 'three']);
    expect(splitter.isUnfinished).toBe(false);
  });

  it('without a line end is held in bounded memory', () => {
    const { lines, rows, print, splitter } = terminal();
    for (let i = 0; i < 40; i++) print('x'.repeat(10_000));
    expect(rows()[0]?.length).toBeGreaterThan(1000);
    print('\r\nafter\r\n');
    splitter.end();
    expect(lines.slice(0, -1).join('')).toBe('x'.repeat(400_000));
    expect(lines.at(-1)).toBe('after');
  });
});

describe('rows that are drawn again', () => {
  it('become lines once, as they looked last', () => {
    const { lines, rows, print, splitter } = terminal();
    print('before\r\n');
    for (let n = 0; n <= 9; n++) print(frame([`a ${n}`, `b ${n}`, `c ${n}`], n === 0));
    expect(rows()).toEqual(['before', 'a 9', 'b 9', 'c 9']);
    expect(lines).toEqual([]);
    print('after\r\n');
    splitter.end();
    expect(lines).toEqual(['before', 'a 9', 'b 9', 'c 9', 'after']);
  });

  it('become lines once where each frame is erased first, also at the top of the screen', () => {
    const { lines, print, splitter } = terminal();
    for (let n = 0; n <= 9; n++) print(`${n > 0 ? '\x1b[2A\x1b[J' : ''}a ${n}\r\nb ${n}\r\n`);
    splitter.end();
    expect(lines).toEqual(['a 9', 'b 9']);
  });

  it('wait while they are drawn again, those above them do not', () => {
    const { lines, rows, print, pass } = terminal();
    print('before\r\n');
    for (let n = 0; n <= 20; n++) {
      print(frame([`a ${n}`, `b ${n}`], n === 0));
      pass(100);
    }
    expect(lines).toEqual(['before']);
    expect(rows()).toEqual(['a 20', 'b 20']);
  });

  it('become lines five seconds after the last time', () => {
    const { lines, print, pass, splitter } = terminal();
    for (let n = 0; n <= 5; n++) {
      print(frame([`a ${n}`, `b ${n}`], n === 0));
      pass(100);
    }
    pass(4800);
    expect(lines).toEqual([]);
    pass(200);
    expect(lines).toEqual(['a 5', 'b 5']);
    expect(splitter.isUnfinished).toBe(false);
    print('after\r\n');
    pass(1200);
    expect(lines).toEqual(['a 5', 'b 5', 'after']);
  });

  it('every few seconds wait longer', () => {
    const { lines, print, pass } = terminal();
    print('\x1b[?25l');
    for (let n = 0; n <= 5; n++) {
      print(`\x1b[H${frame([`a ${n}`, `b ${n}`], true)}`);
      pass(8000);
    }
    expect(lines).toEqual([]);
    pass(32_000);
    expect(lines).toEqual(['a 5', 'b 5']);
  });

  it('by a program that hides the cursor wait for its second frame', () => {
    const { lines, print, pass, splitter } = terminal();
    print('\x1b[?25la 1\r\nb 1\r\n');
    pass(900);
    print('\x1b[2Aa 2\r\nb 2\r\n\x1b[?25h');
    splitter.end();
    expect(lines).toEqual(['a 2', 'b 2']);
  });

  it('after they had become lines become lines again, but only those that have changed', () => {
    const { lines, print, pass, splitter } = terminal();
    print('a\r\nb\r\nc\r\n');
    pass(1200);
    expect(lines).toEqual(['a', 'b', 'c']);
    print('\x1b[3A\x1b[Ka\r\n\x1b[KB\r\n\x1b[Kc\r\n');
    splitter.end();
    expect(lines).toEqual(['a', 'b', 'c', 'B']);
  });

  it('become lines when they scroll off', () => {
    const { lines, print } = terminal();
    print(frame(['bar 1'], true) + frame(['bar 2'], false));
    print(Array.from({ length: 10 }, (_, i) => `line ${i}\r\n`).join(''));
    expect(lines).toEqual(['bar 2', 'line 0', 'line 1', 'line 2', 'line 3', 'line 4']);
  });

  it('let text be text again afterwards', () => {
    const { lines, print, splitter } = terminal();
    print(frame(['bar 1'], true) + frame(['bar 2'], false));
    print('\x1b[31m');
    for (let i = 0; i < 20; i++) print(`raw\x1b[9999m ${i}\r\n`);
    splitter.end();
    // A screen would have left out the style that there is not: these lines went by as bytes.
    expect(lines.at(-1)).toBe('\x1b[31mraw\x1b[9999m 19');
    expect(lines.map(visibleText)).toEqual(['bar 2', ...Array.from({ length: 20 }, (_, i) => `raw ${i}`)]);
  });

  it('come out the same however the bytes are cut', () => {
    const parts = fc.array(
      fc.oneof(
        fc.constantFrom(
          'a',
          'bc ',
          'ü',
          '日',
          '\r\n',
          '\r\n',
          '\r',
          '\x1b[32m',
          '\x1b[m',
          '\x1b[K',
          '\x1b[2K',
          '\x1b[J',
        ),
        fc.integer({ min: 1, max: 3 }).map((n) => `\x1b[${n}A`),
        fc.constantFrom('\x1b[1G', '\x1b[?25l', '\x1b[?25h', '\x1b]0;title\x07', '\x1b[?1049hx\x1b[?1049l'),
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(parts, fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 200 }), (texts, cuts) => {
        const bytes = Buffer.from(texts.join(''));
        const ends = cuts.map((_, i) => cuts.slice(0, i + 1).reduce((sum, length) => sum + length));
        const chunks = [0, ...ends].map((from, i) => bytes.subarray(from, ends[i]));
        expect(linesOf(...chunks)).toEqual(linesOf(bytes));
      }),
    );
  });
});

describe('the scrollback that is erased', () => {
  const spinner = '\x1b[?25l| busy\r\n\x1b[1A/ busy\r\n\x1b[?25h';
  const text = Array.from({ length: 20 }, (_, i) => `text ${i + 1}`);

  it('takes no text with it that left behind a row that was drawn again', () => {
    const { lines, print, splitter } = terminal();
    print(spinner + text.map((line) => `${line}\r\n`).join(''));
    print('\x1b[H\x1b[2J\x1b[3Jnext\r\n');
    splitter.end();
    expect(lines.filter((line) => line !== '/ busy')).toEqual([...text, 'next']);
  });

  it('takes what was painted, which comes again', () => {
    const { lines, print, splitter } = terminal();
    const painted = '\x1b[?25l\x1b[H\x1b[2J\x1b[3J';
    for (let i = 0; i < 3; i++) print(painted + text.join('\r\n'));
    splitter.end();
    expect(lines).toEqual(text);
  });
});

describe('long lines', () => {
  it('that fill several rows are one line', () => {
    const text = 'abcdefghij'.repeat(5);
    expect(linesOf(`\x1b[A${text}\r\nnext\r\n`)).toEqual([text, 'next']);
  });

  it('are shown as one line, also where it is the first of many that are shown', () => {
    const line = 'a line of three rows, of which each has a text of its own';
    for (let below = 85; below < 105; below++) {
      const { print, rows } = terminal();
      const others = Array.from({ length: below }, (_, at) => `row ${at}`);
      print(`\x1b[?25l${[line, ...others].map((text) => `${text}\r\n`).join('')}`);
      expect([line, 'row 0', `row ${below - 95}`, `row ${below - 94}`]).toContain(rows()[0]);
      expect(rows().at(-1)).toBe(others.at(-1));
    }
  });

  it('that are longer than the screen are one line', () => {
    const text = 'abcdefghij'.repeat(100);
    expect(linesOf(`\x1b[A${text}\r\nnext\r\n`)).toEqual([text, 'next']);
  });

  it('that are drawn again with all their rows come once', () => {
    const text = 'abcdefghij'.repeat(3);
    expect(linesOf(`${text} 1\r\nb\r\n`, `\x1b[3A${text} 2\r\nb\r\n`)).toEqual([`${text} 2`, 'b']);
  });
});

describe('the alternate screen', () => {
  it('is shown, and nothing of it becomes a line', () => {
    const { lines, rows, print, pass, splitter } = terminal();
    print('$ vim\r\n\x1b[?1049h\x1b[2J\x1b[1;1Htext\x1b[6;1H-- INSERT --');
    expect(rows()).toEqual(['text', '', '', '', '', '-- INSERT --']);
    pass(60_000);
    expect(lines).toEqual([]);
    print('\x1b[?1049l$ ');
    expect(rows()).toEqual(['$ vim', '$ ']);
    splitter.end();
    expect(lines).toEqual(['$ vim', '$ ']);
  });

  it('that is never left is dropped at the end', () => {
    expect(linesOf('before\r\n\x1b[?1049htext')).toEqual(['before']);
  });
});

describe('the end', () => {
  it('makes lines of all rows and leaves out blank ones below the cursor', () => {
    expect(linesOf('a\r\n\r\nb\r\n\r\n\r\n\x1b[2A')).toEqual(['a', '', 'b']);
    expect(linesOf('\x1b[Aa\r\n\r\n')).toEqual(['a', '']);
  });

  it('clears the state: the next text begins anew', () => {
    const { lines, print, splitter } = terminal();
    print('\x1b[31m\x1b[Aa');
    splitter.end();
    print('b\r\n');
    splitter.end();
    expect(lines.map(visibleText)).toEqual(['a', 'b']);
    expect(lines[1]).toBe('b');
  });

  it('discard drops what is no line yet', () => {
    const { lines, print, splitter } = terminal();
    print('a\r\nb');
    splitter.discard();
    expect(splitter.isUnfinished).toBe(false);
    splitter.end();
    expect(lines).toEqual([]);
  });
});

it('follows the size of the window', () => {
  const { lines, rows, size, print } = terminal();
  print('\x1b[Aa\r\nb\r\nc\r\n');
  size.rows = 2;
  print('d');
  expect(lines).toEqual(['a', 'b']);
  expect(rows()).toEqual(['c', 'd']);
});

describe('a sequence without an end', () => {
  it.each(['', '\x1b[2;2H'])('costs time in proportion to its bytes, in text and after %j', (before) => {
    const growth = growthOf((size) => {
      const { print } = terminal();
      print(`${before}\x1b[`);
      for (let at = 0; at < size; at += 4096) print('1'.repeat(4096));
    }, 400_000);
    expect(growth).toBeLessThan(linear);
  });

  it.each(['\x1b]0;title', '\x1bPq', '\x1b]1337;File=inline=1:AAAA', '\x1b_a'])('costs no line: %j', (start) => {
    const texts = ['done', 'ok', `all is well${'.'.repeat(80)}`];
    for (const before of ['', '\x1b[?25l']) {
      for (const many of [1, 3000]) {
        const { lines, print, splitter } = terminal(100);
        const printed = Array.from({ length: many }, () => texts).flat();
        print(`${before}one\r\n${start}\r\n`);
        for (const text of printed) print(`${text}\r\n`);
        splitter.end();
        expect(lines.length).toBe(printed.length + 2);
        expect(lines.slice(-3).map(visibleText)).toEqual(texts);
      }
    }
  });
});
