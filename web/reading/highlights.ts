import { label } from '../list/row.ts';
import { wrapSpans } from '../text/marks.ts';
import { createHighlighter, usualPattern } from '../text/pattern.ts';
import type { Highlight } from './choice.ts';

/** Puts the reader's own colors behind words: `.highlight[data-color]`. */
export function highlighting(highlights: readonly Highlight[]): (text: HTMLElement) => void {
  const all = highlights.map(({ color, text }) => ({
    color,
    highlighter: createHighlighter({ text, ...usualPattern }),
  }));
  return (element) => {
    for (const { color, highlighter } of all) {
      wrapSpans(element, highlighter.spansOf(element.textContent), (part) => {
        const highlight = label('highlight', part);
        highlight.dataset.color = color;
        return highlight;
      });
    }
  };
}
