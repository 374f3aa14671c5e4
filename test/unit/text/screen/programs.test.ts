import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type PlayedLine,
  play,
  type Size,
  withoutBlankEnd,
  xtermLines,
  xtermLinesAfterEach,
} from '../../../support/played-terminal.ts';

const size: Size = { columns: 40, rows: 10 };

/** Writes a program down, and when each of its rows was last written. */
class Script {
  readonly parts: [number, string][] = [];
  readonly writtenAt = new Map<string, number>();
  /** Lines that are never drawn again. */
  readonly fixed = new Set<string>();
  private now = 0;
  private names = 0;

  name(kind: string): string {
    return `${kind}${++this.names}.`;
  }

  print(pauseMs: number, text: string, ...rows: string[]): void {
    this.parts.push([pauseMs, text]);
    this.now += pauseMs;
    for (const row of rows) this.writtenAt.set(row, this.now);
  }
}

type Scene = (script: Script) => void;

const pauses = fc.constantFrom(0, 5, 50, 200, 400, 1500);

const textScene: fc.Arbitrary<Scene> = fc
  .array(fc.record({ ms: pauses, kind: fc.constantFrom('whole', 'halves', 'wrapped', 'counted', 'blank') }), {
    minLength: 1,
    maxLength: 8,
  })
  .map((lines) => (script) => {
    for (const { ms, kind } of lines) {
      const name = script.name('text');
      if (kind === 'blank') {
        script.print(ms, '\r\n');
        continue;
      }
      script.fixed.add(name);
      if (kind === 'halves') {
        script.print(ms, `\x1b[32m${name.slice(0, 3)}`);
        script.print(40, `${name.slice(3)}\x1b[0m\r\n`, name);
      } else if (kind === 'counted') {
        script.print(ms, 'counting 10 %\r');
        script.print(40, `${name}\x1b[K\r\n`, name);
      } else {
        script.print(ms, `${name}${kind === 'wrapped' ? 'long '.repeat(15) : ''}\r\n`, name);
      }
    }
  });

/** How a program gets back to the first row of its block, with the cursor right below it. */
const returns = {
  up: (height: number) => `\x1b[${height}A`,
  upAndErase: (height: number) => `\x1b[${height}A\x1b[J`,
  previousRows: (height: number) => `\x1b[${height}F`,
  eraseUpwards: (height: number) => `\x1b[1A\x1b[2K`.repeat(height),
  reverseFeeds: (height: number) => '\x1bM'.repeat(height),
};

/** A block that is drawn again as a whole; a line may be printed above it with a frame. */
const blockScene: fc.Arbitrary<Scene> = fc
  .record({
    ms: pauses,
    height: fc.integer({ min: 1, max: 5 }),
    frames: fc.array(fc.record({ above: fc.boolean(), jitter: fc.integer({ min: 0, max: 20 }) }), {
      minLength: 1,
      maxLength: 8,
    }),
    intervalMs: fc.constantFrom(40, 80, 150, 270),
    back: fc.constantFrom(...(Object.keys(returns) as (keyof typeof returns)[])),
    isHidden: fc.boolean(),
    last: fc.constantFrom('stays', 'erased'),
    restMs: pauses,
  })
  .map(({ ms, height, frames, intervalMs, back, isHidden, last, restMs }) => (script) => {
    const rows = Array.from({ length: height }, () => script.name('row'));
    const frame = (n: number) => rows.map((row) => `\x1b[2K${row} ${n}\r\n`).join('');
    script.print(ms, `${isHidden ? '\x1b[?25l' : ''}${frame(0)}`, ...rows);
    for (const [index, { above, jitter }] of frames.entries()) {
      const line = above ? [script.name('above')] : [];
      for (const one of line) script.fixed.add(one);
      const printed = line.map((one) => `\x1b[2K${one}\r\n`).join('');
      script.print(intervalMs + jitter, `${returns[back](height)}${printed}${frame(index + 1)}`, ...rows, ...line);
    }
    const cursor = isHidden ? '\x1b[?25h' : '';
    if (last === 'stays') script.print(restMs, cursor);
    else script.print(20, `\x1b[${height}A\x1b[J${cursor}`);
  });

/** Bars of which each is drawn again by itself. */
const barsScene: fc.Arbitrary<Scene> = fc
  .record({
    height: fc.integer({ min: 1, max: 6 }),
    first: fc.integer({ min: 0, max: 5 }),
    updates: fc.array(fc.record({ bar: fc.nat(), ms: fc.constantFrom(5, 50, 200) }), { minLength: 1, maxLength: 15 }),
    restMs: pauses,
  })
  .map(({ height, first, updates, restMs }) => (script) => {
    const bars = Array.from({ length: height }, () => script.name('bar'));
    script.print(50, bars.map((bar) => `${bar} waiting\r\n`).join(''), ...bars);
    const begin = bars.map((_, bar) => ({ bar: bar + first, ms: 150 }));
    for (const { bar, ms } of [...begin, ...updates]) {
      const at = bar % height;
      const up = height - at;
      script.print(ms, `\x1b[${up}A\x1b[2K\r${bars[at]} at work\r\x1b[${up}B`, bars[at] as string);
    }
    script.print(restMs, '');
  });

const alternateScene: fc.Arbitrary<Scene> = pauses.map((ms) => (script) => {
  script.print(50, '\x1b[?1049h\x1b[2J\x1b[Hsomething else\r\n\r\nin the middle');
  script.print(ms, '\x1b[5;5Hmore of it\x1b[?1049l');
});

function scriptOf(scenes: readonly Scene[]): Script {
  const script = new Script();
  for (const scene of scenes) scene(script);
  return script;
}

function nameOf({ text }: PlayedLine): string {
  return text.slice(0, text.indexOf('.') + 1);
}

const texts = (lines: readonly PlayedLine[]) => withoutBlankEnd(lines.map(({ text }) => text));

describe('programs that pause', () => {
  const scenes = fc.array(fc.oneof(textScene, blockScene, barsScene, alternateScene), { minLength: 1, maxLength: 5 });

  it('leave the lines that xterm.js has at their end, each row once, with the time of its last writing', async () => {
    await fc.assert(
      fc.asyncProperty(scenes, async (all) => {
        const script = scriptOf(all);
        const parts = script.parts.map(([ms, text]) => `${ms} ${JSON.stringify(text)}`);
        const lines = play(script.parts, size);
        const made = lines.filter(({ text }) => text !== '').map((line) => `${line.text} at ${line.writtenAt} ms`);
        const shown = texts(lines);
        const expected = await xtermLines(script.parts, size);
        const written = lines
          .filter(({ text }) => text !== '')
          .map((line) => `${line.text} at ${script.writtenAt.get(nameOf(line))} ms`);
        expect({ shown, made, parts }).toEqual({ shown: expected, made: written, parts });
      }),
      { numRuns: 200, endOnFailure: true },
    );
  });

  it('show each row at any time: as a line, or among the unfinished rows until it is one', async () => {
    const shown = fc.array(fc.oneof(textScene, blockScene, barsScene), { minLength: 1, maxLength: 4 });
    // Rows that a line is wrapped into are unfinished each by itself.
    const inOne = (rows: readonly string[]) => rows.join('').replaceAll(' ', '');
    await fc.assert(
      fc.asyncProperty(shown, async (all) => {
        const { parts } = scriptOf(all);
        const seen: string[] = [];
        play(
          parts,
          size,
          (lines, unfinished) => void seen.push(inOne([...lines.map(({ text }) => text), ...unfinished])),
        );
        expect({ parts, seen }).toEqual({ parts, seen: (await xtermLinesAfterEach(parts, size)).map(inOne) });
      }),
      { numRuns: 40 },
    );
  });

  it('leave each bar once where a block was erased before them: the first is no line above another block', () => {
    const up = (rows: number, bar: string) => `\x1b[${rows}A\x1b[2K\r${bar}\r\x1b[${rows}B`;
    const program: [number, string][] = [
      [0, 'row 1. 0\r\nrow 2. 0\r\n'],
      [50, '\x1b[2Aabove.\x1b[K\r\nrow 1. 1\r\nrow 2. 1\r\n'],
      [40, '\x1b[2Arow 1. 2\r\nrow 2. 2\r\n'],
      [20, '\x1b[2A\x1b[J'],
      [50, 'bar 1. waiting\r\nbar 2. waiting\r\n'],
      [150, up(1, 'bar 2. at work')],
      [200, up(2, 'bar 1. at work')],
    ];
    expect(texts(play(program, size))).toEqual(['above.', 'bar 1. at work', 'bar 2. at work']);
  });

  it('have text become lines after 300 ms, save for their first pauses', () => {
    fc.assert(
      fc.property(fc.array(textScene, { minLength: 1, maxLength: 5 }), (all) => {
        const late = play(scriptOf(all).parts, size).filter(({ lineAt, writtenAt }) => lineAt - writtenAt > 300);
        expect(late.length).toBeLessThanOrEqual(3);
        for (const { lineAt, writtenAt } of late) expect(lineAt - writtenAt).toBeLessThanOrEqual(1200);
      }),
    );
  });

  it('have lines printed above a block become lines once the next frame has begun below them', () => {
    const frames = fc.record({
      height: fc.integer({ min: 1, max: 4 }),
      intervalMs: fc.constantFrom(40, 80, 150, 270),
      above: fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }),
      isHidden: fc.boolean(),
      back: fc.constantFrom(...(Object.keys(returns) as (keyof typeof returns)[])),
    });
    fc.assert(
      fc.property(frames, ({ height, intervalMs, above, isHidden, back }) => {
        const program: [number, string][] = [];
        const frame = (n: number) => Array.from({ length: height }, (_, i) => `\x1b[2Krow ${i}. ${n}\r\n`).join('');
        program.push([0, `${isHidden ? '\x1b[?25l' : ''}${frame(0)}`]);
        for (const [n, isAbove] of [...above, ...Array<boolean>(10).fill(false)].entries()) {
          const line = isAbove ? `\x1b[2Kabove. ${n}\r\n` : '';
          program.push([intervalMs, `${returns[back](height)}${line}${frame(n + 1)}`]);
        }
        const lines = play(program, size).filter(({ text }) => text.startsWith('above'));
        expect(lines.map(({ text }) => text)).toEqual(above.flatMap((isAbove, n) => (isAbove ? [`above. ${n}`] : [])));
        // A frame is over 30 ms after it began at the latest.
        for (const { lineAt, writtenAt } of lines)
          expect(lineAt - writtenAt).toBeLessThanOrEqual(300 + intervalMs + 31);
      }),
    );
  });
});
