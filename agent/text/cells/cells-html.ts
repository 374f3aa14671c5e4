import { encodeXML } from '../color/encode-xml.ts';
import { type CellPiece, cellsOf, needsCells } from './clusters.ts';
import { drawingOf, isUniform } from './drawings.ts';

/** Whether the page's font draws a character in so many columns anyway. */
export type FontFits = (character: string, columns: number) => boolean;

/**
 * Text as HTML in which each character has the room that a terminal gives it: wide ones two columns, and one column
 * those that come from a font of another width. Block and box characters are drawn so that they touch.
 */
export function cellsHtml(text: string, fits: FontFits | undefined): string {
  return needsCells(text) ? withTogether(cellsOf(text), fits).map(pieceHtml).join('') : encodeXML(text);
}

type Pieces = (CellPiece & { count: number })[];

/** A row of the same block is one piece: a progress bar of a hundred columns, one element. */
function withTogether(pieces: readonly CellPiece[], fits: FontFits | undefined): Pieces {
  const together: Pieces = [];
  for (const piece of pieces) {
    const before = together.at(-1);
    const { text } = piece;
    const isText = piece.kind === 'text' || (drawingOf(text) === undefined && fits?.(text, piece.columns));
    if (piece.kind === 'cell' && before && isUniform(text) && before.text.startsWith(text)) {
      before.text += text;
      before.count++;
    } else if (isText && before?.kind === 'text') {
      before.text += text;
    } else {
      together.push(isText ? { kind: 'text', text, count: 1 } : { ...piece, count: 1 });
    }
  }
  return together;
}

function pieceHtml(piece: Pieces[number]): string {
  const text = encodeXML(piece.text);
  if (piece.kind === 'text') return text;
  const drawing = drawingOf(piece.text);
  const columns = piece.columns * piece.count;
  const style = (columns > 1 ? `--columns:${columns};` : '') + (drawing === undefined ? '' : `background:${drawing}`);
  return `<span class="cell${drawing === undefined ? '' : ' drawn'}"${style && ` style="${style}"`}>${text}</span>`;
}
