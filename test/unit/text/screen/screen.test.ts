import xterm from '@xterm/headless';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visibleText } from '../../../../agent/text/escapes/strip.ts';
import { Screen } from '../../../../agent/text/screen/screen.ts';
import type { ScreenRow } from '../../../../agent/text/screen/screen-row.ts';

const size = { columns: 20, rows: 8 };

function screenOf(text: string): { screen: Screen; left: string[] } {
  const left: string[] = [];
  const screen = new Screen(size, { now: () => 0, left: (row) => left.push(shownIn(row)) });
  screen.write(text);
  return { screen, left };
}

function shownIn(row: ScreenRow): string {
  return visibleText(row.text()).trimEnd();
}

/** What a screen shows, and where its cursor is. */
function look(text: string): { rows: string[]; cursor: string } {
  const { screen } = screenOf(text);
  return { rows: screen.rows.map(shownIn), cursor: `${screen.cursor.row};${screen.cursor.column}` };
}

/** The same of xterm.js, which stays in new line mode when it is reset (`ESC c`); a VT510 and xterm do not. */
async function xtermLook(text: string): Promise<{ rows: string[]; cursor: string }> {
  const terminal = new xterm.Terminal({ cols: size.columns, rows: size.rows, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(text.replaceAll('\x1bc', '\x1b[20l\x1bc'), resolve));
  const { active } = terminal.buffer;
  const rows = Array.from({ length: size.rows }, (_, at) => active.getLine(active.baseY + at)?.translateToString(true));
  const cursor = `${active.cursorY};${Math.min(active.cursorX, size.columns - 1)}`;
  terminal.dispose();
  return { rows: rows.map((row) => (row ?? '').trimEnd()), cursor };
}

const count = fc.constantFrom('', '1', '2', '3', '5', '9', '30');
const pieces = fc.oneof(
  fc.stringMatching(/^[a-z ]{1,30}$/),
  fc.constantFrom('日本', 'é', 'e\u0301', '\x1b(0lqk\x1b(B'),
  fc.constantFrom('\r\n', '\r\n', '\n', '\r', '\b', ' \t'),
  fc.tuple(count, fc.constantFrom(...'ABCDEFGXP@LMSTdI')).map(([n, final]) => `\x1b[${n}${final}`),
  fc.tuple(count, count).map(([row, column]) => `\x1b[${row};${column}H`),
  fc.tuple(fc.constantFrom('', '0', '2'), fc.constantFrom('J', 'K')).map(([what, final]) => `\x1b[${what}${final}`),
  fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 5, max: 8 })).map(([from, to]) => `\x1b[${from};${to}r`),
  fc.constantFrom(
    '\x1bM',
    '\x1bD',
    '\x1bE',
    '\x1b[r',
    '\x1b[1K',
    '\x1b[4h',
    '\x1b[4l',
    '\x1b[31m',
    '\x1b[0m',
    '\x1b[!p',
    '\x1bc',
    '\x1b[41m\x1bc',
  ),
  // What looks like moving, margins or a restored cursor, and is something else.
  fc.constantFrom('\x1b[>1u', '\x1b[<u', '\x1b[?u', '\x1b[=1u', '\x1b[?1r', '\x1b[?5n', '\x1b[1;1;2;2;1$r'),
  fc.constantFrom('\x1b[2 q', '\x1b[?2026h', '\x1b[8;40;120t', '\x1b[?2026$p', '\x1b]133;A\x07', '\x1b%G'),
  fc.constantFrom('\x1bH', '\x1b[g', '\x1b[3g', '\t', '\x1b[20h', '\x1b[20l'),
  fc.constantFrom('y\x1b[3bz', 'w\x1b[19b', '\x1b[?1049halternate\x1b[2;3Hx\x1b[?1049l\x1b[H'),
);

describe('a screen', () => {
  it('shows what xterm.js shows, whatever is written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 30 }), async (parts) => {
        const text = parts.join('');
        expect(look(text)).toEqual(await xtermLook(text));
      }),
      { numRuns: 500 },
    );
  });

  it('is in no new line mode any more once it is reset', () => {
    expect(look('\x1b[20h\x1bc \n').cursor).toBe('1;1');
  });

  it('keeps what stands in its last column when the rest of the row is erased', () => {
    const full = 'x'.repeat(size.columns);
    expect(look(`${full}\x1b[K`).rows[0]).toBe(full);
  });

  it('stays behind a full row when told to go to the next or the last tab stop', () => {
    const full = 'x'.repeat(size.columns);
    for (const tab of ['\x1b[I', '\x1b[Z']) expect(look(`${full}${tab}y`).rows.slice(0, 2)).toEqual([full, 'y']);
  });

  it.each(['\x1b[L', '\x1b[M'])(
    'comes back from behind a full row at %j, also outside of the margins',
    async (rows) => {
      const text = `\x1b[2;5r${'x'.repeat(size.columns)}${rows}y`;
      expect(look(text).rows[0]).toBe(`${'x'.repeat(size.columns - 1)}y`);
      expect(look(text)).toEqual(await xtermLook(text));
    },
  );

  it('saves and restores the cursor in its place on the screen', () => {
    expect(look('ab\x1b7\r\n\ncd\x1b8!').rows.slice(0, 3)).toEqual(['ab!', '', 'cd']);
    expect(look('ab\x1b[scd\x1b[u!').rows[0]).toBe('ab!d');
  });

  it('overwrites its last column where lines are not wrapped', () => {
    expect(look(`\x1b[?7l${'x'.repeat(30)}y`).rows.slice(0, 2)).toEqual([`${'x'.repeat(19)}y`, '']);
  });

  it('moves within margins where they are the origin', () => {
    expect(look('\x1b[3;5r\x1b[?6h\x1b[1;1Ha\x1b[9;1Hb').rows).toEqual(['', '', 'a', '', 'b', '', '', '']);
  });

  it('fills with the background in force what it erases', () => {
    const { screen } = screenOf('\x1b[44m\x1b[2Kab\x1b[0m');
    expect(screen.rows[0]?.text()).toBe(`\x1b[44mab${' '.repeat(18)}\x1b[0m`);
  });

  it.each([
    ['a longer one', { columns: 20, rows: 10 }, ['a', 'b', 'c', '', '', '', '', '', '', ''], []],
    ['a shorter one with room', { columns: 20, rows: 5 }, ['a', 'b', 'c', '', ''], []],
    ['one that is too short', { columns: 20, rows: 2 }, ['b', 'c'], ['a']],
  ])('becomes %s', (_, newSize, rows, gone) => {
    const { screen, left } = screenOf('a\r\nb\r\nc');
    screen.resize(newSize);
    expect(screen.rows.map(shownIn)).toEqual(rows);
    expect(left).toEqual(gone);
  });
});

describe('rows leave a screen', () => {
  it('at its top', () => {
    expect(screenOf(Array.from({ length: 11 }, (_, i) => `line ${i}\r\n`).join('')).left).toEqual([
      'line 0',
      'line 1',
      'line 2',
      'line 3',
    ]);
  });

  it('at the top of a scrolling part, above a status row at the bottom', () => {
    const { left, screen } = screenOf(
      `\x1b[1;7r\x1b[8;1Hstatus\x1b[1;1H${Array.from({ length: 8 }, (_, i) => `line ${i}\r\n`).join('')}`,
    );
    expect(left).toEqual(['line 0', 'line 1']);
    expect(screen.rows.map(shownIn).at(-1)).toBe('status');
  });

  it('when all is cleared', () => {
    for (const clear of ['\x1b[H\x1b[2J', '\x1b[H\x1b[J', '\x1bc']) {
      expect(screenOf(`a\r\n\r\nb\r\n${clear}c`)).toMatchObject({ left: ['a', '', 'b'] });
    }
  });

  it('not when a program that paints the whole screen clears it', () => {
    const { left, screen } = screenOf('\x1b[?25l\x1b[H\x1b[2Jframe 1\r\n\x1b[H\x1b[2Jframe 2\r\n');
    expect(left).toEqual([]);
    expect(screen.rows.map(shownIn)[0]).toBe('frame 2');
  });

  it('not from the alternate one', () => {
    const { left, screen } = screenOf(`shell\r\n\x1b[?1049h${'alternate\r\n'.repeat(20)}`);
    expect(left).toEqual([]);
    screen.write('\x1b[?1049lshell again');
    expect(screen.rows.map(shownIn).slice(0, 2)).toEqual(['shell', 'shell again']);
  });
});

it("the full reset clears the screen in the terminal's own color", async () => {
  for (const text of ['\x1b[41m\x1bcHello', 'one\r\ntwo\x1b[41m\x1bcHello', '\x1b[?25l\x1b[41mone\x1bcHello']) {
    const { screen } = screenOf(text);
    expect(screen.rows[0]?.text()).toBe('Hello');
    expect(look(text)).toEqual(await xtermLook(text));
  }
});
