import { describe, expect, it } from 'vitest';
import { cellsOf } from '../../../../agent/text/cells/clusters.ts';

const cellsIn = (text: string) => cellsOf(text).flatMap((piece) => (piece.kind === 'cell' ? [piece.text] : []));

describe('cells of their own', () => {
  it('have what a font may draw in another width', () => {
    expect(cellsIn('数量: ✅ │ é')).toEqual(['数', '量', '✅', '│']);
  });

  it.each(['שלום עולם', 'مرحبا بالعالم', 'می‌خواهم', 'नमस्ते दुनिया', 'ភាសាខ្មែរ', '\u{1e900}\u{1e901}'])(
    'have no letters of a script that is written from right to left, or joined: %s',
    (text) => {
      expect(cellsIn(`a ${text} b`)).toEqual([]);
    },
  );

  it('have what stands beside such letters', () => {
    expect(cellsIn('שלום 数')).toEqual(['数']);
  });
});
