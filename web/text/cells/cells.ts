import { type CellPiece, cellsOf, needsCells } from './clusters.ts';
import { drawingOf, isUniform } from './drawings.ts';

/**
 * Gives each character in an element the room that a terminal gives it: wide ones two columns, and one column to those
 * that come from a font of another width. Block and box characters are drawn so that they touch.
 */
export function layOutCells(element: HTMLElement): void {
  if (!needsCells(element.textContent)) return;
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const nodes: Text[] = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) nodes.push(node as Text);
  for (const node of nodes) {
    if (needsCells(node.data)) node.replaceWith(...withTogether(cellsOf(node.data)).map(nodeOf));
  }
}

/** A row of the same block is one piece: a progress bar of a hundred columns, one element. */
function withTogether(pieces: readonly CellPiece[]): (CellPiece & { count: number })[] {
  const together: (CellPiece & { count: number })[] = [];
  for (const piece of pieces) {
    const before = together.at(-1);
    if (before && piece.kind === 'cell' && isUniform(piece.text) && before.text.startsWith(piece.text)) {
      before.text += piece.text;
      before.count++;
    } else if (before?.kind === 'text' && (piece.kind === 'text' || fits(piece))) {
      before.text += piece.text;
    } else {
      together.push(
        piece.kind === 'cell' && fits(piece) ? { ...piece, kind: 'text', count: 1 } : { ...piece, count: 1 },
      );
    }
  }
  return together;
}

function nodeOf(piece: CellPiece & { count: number }): Node {
  if (piece.kind === 'text') return document.createTextNode(piece.text);
  const cell = document.createElement('span');
  const drawing = drawingOf(piece.text);
  cell.className = drawing === undefined ? 'cell' : 'cell drawn';
  cell.textContent = piece.text;
  if (piece.columns * piece.count > 1) cell.style.setProperty('--columns', String(piece.columns * piece.count));
  if (drawing !== undefined) cell.style.background = drawing;
  return cell;
}

/** Whether the page's font draws a character in its columns anyway. */
function fits(piece: CellPiece): boolean {
  if (piece.kind === 'text') return true;
  if (drawingOf(piece.text) !== undefined) return false;
  return widthIn(piece.text) === piece.columns;
}

/** Widths in columns as the font has them; bounded, and forgotten where the font may be another one. */
const widths = new Map<string, number>();
const mostWidths = 4000;
const measuredPx = 100;
let context: CanvasRenderingContext2D | undefined;
let columnWidth = 0;

function widthIn(text: string): number {
  const known = widths.get(text);
  if (known !== undefined) return known;
  if (widths.size >= mostWidths) widths.clear();
  const width = measured(text) / columnWidth;
  const whole = Math.abs(width - Math.round(width)) < 0.01 ? Math.round(width) : width;
  widths.set(text, whole);
  return whole;
}

function measured(text: string): number {
  if (!context) {
    context = document.createElement('canvas').getContext('2d') ?? undefined;
    if (!context) return 0;
    context.font = `${measuredPx}px ${getComputedStyle(document.documentElement).getPropertyValue('--mono')}`;
    columnWidth = context.measureText('0').width;
  }
  return context.measureText(text).width;
}
