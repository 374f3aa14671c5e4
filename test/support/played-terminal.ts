import xterm from '@xterm/headless';
import { visibleText } from '../../agent/text/escapes/strip.ts';
import { createSplitter } from '../../agent/text/lines/splitter.ts';
import { createScreenSplitter } from '../../agent/text/screen/screen-splitter.ts';

/** What a program prints, and how long it pauses before each part. */
export type Program = readonly (readonly [pauseMs: number, bytes: Buffer | string])[];

export interface Size {
  columns: number;
  rows: number;
}

/** A line, when it became one, and when it says that it was last written. */
export interface PlayedLine {
  text: string;
  lineAt: number;
  writtenAt: number;
}

/**
 * The lines that a program makes, on a clock that only the program moves.
 *
 * @param look gets, after each part, the lines so far and the rows that viewers see as unfinished
 */
export function play(
  program: Program,
  size: Size,
  look: (lines: readonly PlayedLine[], unfinished: string[]) => void = () => {},
): PlayedLine[] {
  const lines: PlayedLine[] = [];
  let now = 0;
  let ageMs = 0;
  const splitter = createSplitter({
    line: (bytes, start, end) =>
      lines.push({
        text: visibleText(bytes.toString('utf8', start, end)).trimEnd(),
        lineAt: now,
        writtenAt: now - ageMs,
      }),
  });
  const screen = createScreenSplitter(splitter, {
    size: () => size,
    now: () => now,
    tellAge: (ms) => {
      ageMs = ms;
    },
  });
  for (const [ms, bytes] of program) {
    const until = now + ms;
    for (let wait = screen.settle(); wait !== undefined && now + wait <= until; wait = screen.settle()) {
      now += Math.max(wait, 1);
    }
    now = until;
    screen.write(Buffer.from(bytes as string));
    look(lines, screen.rows().map(visibleText));
  }
  screen.end();
  return lines;
}

/** What xterm.js shows of a program at its end: its scrollback and its screen, wrapped rows as one line. */
export async function xtermLines(program: Program, size: Size): Promise<string[]> {
  const whole = program.map(([, bytes]) => (typeof bytes === 'string' ? Buffer.from(bytes) : bytes));
  return (await xtermLinesAfterEach([[0, Buffer.concat(whole)]], size))[0] ?? [];
}

/** The same after each part of it. */
export async function xtermLinesAfterEach(program: Program, size: Size): Promise<string[][]> {
  const terminal = new xterm.Terminal({
    cols: size.columns,
    rows: size.rows,
    scrollback: 1000,
    scrollOnEraseInDisplay: true,
    allowProposedApi: true,
  });
  const afterEach: string[][] = [];
  for (const [, bytes] of program) {
    await new Promise<void>((resolve) => terminal.write(bytes, resolve));
    afterEach.push(linesOf(terminal));
  }
  terminal.dispose();
  return afterEach;
}

function linesOf({ buffer: { normal } }: xterm.Terminal): string[] {
  const lines: string[] = [];
  for (let at = 0; at < normal.length; at++) {
    const row = normal.getLine(at);
    const next = normal.getLine(at + 1);
    const text = row?.translateToString(next?.isWrapped !== true) ?? '';
    if (row?.isWrapped) lines.push(lines.pop() + text);
    else lines.push(text);
  }
  return withoutBlankEnd(lines.map((line) => line.trimEnd()));
}

export function withoutBlankEnd(lines: readonly string[]): string[] {
  return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
}
