import type { WindowSize } from '../../source.ts';

/**
 * Answers what a program asks its terminal, where there is none that would: line editors and TUI libraries wait for the
 * answer, some of them for ever. Takes what the program prints and returns what to type.
 */
export interface TerminalAnswers {
  answersTo(output: Buffer): Buffer | undefined;
}

/** A longer control string asks for nothing that is answered. */
const longestQuestion = 64;

export function createTerminalAnswers(size: WindowSize): TerminalAnswers {
  const cursor = { row: 0, column: 0 };
  /** A sequence whose end has not come yet. */
  let cut = '';

  function moveTo(row: number, column: number): void {
    cursor.row = Math.max(0, Math.min(row, size.rows - 1));
    cursor.column = Math.max(0, Math.min(column, size.columns - 1));
  }

  /** One column for a character: nobody asks where the cursor is to lay out wide ones on a page. */
  function print(characters: number): void {
    const end = cursor.column + characters;
    const wraps = Math.max(0, Math.ceil(end / size.columns) - 1);
    cursor.row = Math.min(cursor.row + wraps, size.rows - 1);
    cursor.column = end - wraps * size.columns;
  }

  function obeyControl(sign: string): void {
    if (sign === '\r') cursor.column = 0;
    else if (sign === '\n') cursor.row = Math.min(cursor.row + 1, size.rows - 1);
    else if (sign === '\b') moveTo(cursor.row, Math.min(cursor.column, size.columns - 1) - 1);
    else if (sign === '\t') moveTo(cursor.row, cursor.column - (cursor.column % 8) + 8);
  }

  function obeyCsi(params: string, final: string): string {
    if (/^[?>=]/.test(params)) return final === 'c' && params.startsWith('>') ? '\x1b[>41;0;0c' : '';
    const [first = 0, second = 0] = params.split(';').map(Number);
    if (final === 'n') return first === 6 ? positionOf(cursor) : first === 5 ? '\x1b[0n' : '';
    if (final === 'c') return first === 0 ? '\x1b[?62;22c' : '';
    move(final, Math.max(first, 1), Math.max(second, 1));
    return '';
  }

  function move(final: string, count: number, second: number): void {
    const { row, column } = cursor;
    if (final === 'A') moveTo(row - count, column);
    else if (final === 'B') moveTo(row + count, column);
    else if (final === 'C') moveTo(row, column + count);
    else if (final === 'D') moveTo(row, column - count);
    else if (final === 'G') moveTo(row, count - 1);
    else if (final === 'H' || final === 'f') moveTo(count - 1, second - 1);
  }

  function positionOf({ row, column }: typeof cursor): string {
    return `\x1b[${row + 1};${Math.min(column, size.columns - 1) + 1}R`;
  }

  function answer(piece: string): string {
    const sequence = csiPiece.exec(piece);
    if (sequence) return obeyCsi(sequence[1] ?? '', sequence[2] ?? '');
    const color = colorPiece.exec(piece);
    // Light text on a dark background, as most terminals have it.
    if (color) return `\x1b]${color[1]};rgb:${color[1] === '10' ? 'cccc/cccc/cccc' : '0000/0000/0000'}${color[2]}`;
    return '';
  }

  return {
    answersTo(output) {
      const text = cut + output.toString();
      cut = '';
      let answers = '';
      for (const { 0: piece, index } of text.matchAll(pieces)) {
        if (piece.length > 1 && piece.startsWith('\x1b')) answers += answer(piece);
        else if (piece === '\x1b') {
          const rest = text.slice(index);
          if (unfinished.test(rest) && rest.length < longestQuestion) {
            cut = rest;
            break;
          }
        } else if (piece < ' ') obeyControl(piece);
        else print(piece.length);
      }
      return answers === '' ? undefined : Buffer.from(answers);
    },
  };
}

const csi = '\\x1b\\[([0-?]*)[ -/]*([@-~])';
const osc = '\\x1b\\]([^\\x07\\x1b]{0,64})(?:\\x07|\\x1b\\\\)';
const pieces = new RegExp(`${csi}|${osc}|\\x1b[ -/]*[0-OQ-WYZ\`-~]|[^\\x00-\\x1f]+|[\\s\\S]`, 'g');
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what this is about
const unfinished = /^\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?)?$/;
const csiPiece = new RegExp(`^${csi}$`);
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const colorPiece = /^\x1b\](1[01]);\?(\x07|\x1b\\)$/;
