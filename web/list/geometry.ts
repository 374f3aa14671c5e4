import { createRow } from './row.ts';

/** Sizes in CSS pixels that hold until the window, the font or the look of rows changes. */
export interface Geometry {
  /** The view's upper edge in the window. */
  top: number;
  viewHeight: number;
  /** Height of one line of text. */
  rowHeight: number;
  /** Width of one character. */
  characterWidth: number;
  /** Characters that fit beside each other. */
  columns: number;
}

const fewestColumns = 10;

/** Measures a row that is drawn for this alone. */
export function readGeometry(scroller: HTMLElement, layer: HTMLElement): Geometry {
  const probe = createRow(0);
  probe.text.textContent = '0'.repeat(100);
  probe.element.className = 'row probe';
  layer.append(probe.element);
  const rowHeight = Number.parseFloat(getComputedStyle(probe.text).lineHeight);
  const text = probe.text.getBoundingClientRect();
  const characterWidth = text.width / 100;
  const left = text.left - layer.getBoundingClientRect().left;
  probe.element.remove();
  return {
    top: scroller.getBoundingClientRect().top,
    viewHeight: scroller.clientHeight,
    rowHeight,
    characterWidth,
    columns: Math.max(fewestColumns, Math.floor((scroller.clientWidth - left) / characterWidth)),
  };
}
