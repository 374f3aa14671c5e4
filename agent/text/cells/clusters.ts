import { joins, widthOf } from '../row/width.ts';

/**
 * A piece of text as a terminal's cells hold it: ordinary text, or one character that is to take exactly its columns.
 */
export type CellPiece = { kind: 'text'; text: string } | { kind: 'cell'; text: string; columns: 1 | 2 };

/** What every monospaced font has in its own width: ASCII, Latin, Greek, Cyrillic. */
const western = String.raw`\t\x20-\x7e\u00a0-\u02ff\u0370-\u03ff\u0400-\u04ff`;
/**
 * Scripts that are written from right to left (Hebrew, Arabic …), or whose letters take their shape from those beside
 * them (those of India, Tibetan, Khmer …): each in a cell of its own, nobody could read them.
 */
const flowing = String.raw`\u0590-\u0dff\u0f00-\u109f\u1780-\u18af\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}`;
const ordinary = new RegExp(`^(?:[${western}]|[${flowing}][\\u200c\\u200d]*)+`, 'u');
const other = new RegExp(`[^${western}${flowing}]`, 'u');
const presentation = '\ufe0f';
const emoji = /^\p{Emoji}$/u;

/** Whether there is anything but ordinary text in it: a quick no for nearly every line. */
export function needsCells(text: string): boolean {
  return other.test(text);
}

/** Cuts text where a character's cells begin and end. */
export function cellsOf(text: string): CellPiece[] {
  const pieces: CellPiece[] = [];
  let at = 0;
  while (at < text.length) {
    const run = ordinary.exec(text.slice(at, at + 4096))?.[0] ?? '';
    // A mark that follows belongs to the last letter.
    const isMarked = run !== '' && at + run.length < text.length && isMark(text.codePointAt(at + run.length) ?? 0);
    const plain = isMarked ? run.slice(0, -1) : run;
    if (plain !== '') pieces.push({ kind: 'text', text: plain });
    at += plain.length;
    if (at >= text.length || (plain !== '' && !isMarked)) continue;
    const cluster = clusterAt(text, at);
    at += cluster.length;
    pieces.push({ kind: 'cell', text: cluster, columns: columnsOf(cluster) });
  }
  return pieces;
}

/** The character at an index with all that is drawn as one with it. */
function clusterAt(text: string, at: number): string {
  let end = at + sizeOf(text.codePointAt(at) ?? 0);
  while (end < text.length) {
    const code = text.codePointAt(end) ?? 0;
    if (!isMark(code) && !joins(text.slice(at, end), code)) break;
    end += sizeOf(code);
  }
  return text.slice(at, end);
}

function columnsOf(cluster: string): 1 | 2 {
  const first = cluster.codePointAt(0) ?? 0;
  if (widthOf(first) === 2) return 2;
  return cluster.includes(presentation) && emoji.test(String.fromCodePoint(first)) ? 2 : 1;
}

function isMark(code: number): boolean {
  return code >= 0x300 && widthOf(code) === 0;
}

function sizeOf(code: number): number {
  return code > 0xffff ? 2 : 1;
}
