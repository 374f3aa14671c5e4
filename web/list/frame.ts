import { digitsOf, usualExtent } from '../../agent/text/drawing/row-html.ts';
import type { LineStore } from '../lines/line-store.ts';
import type { ShownIds } from '../lines/shown-ids.ts';
import type { DrawnRows } from './drawn-rows.ts';
import { type Geometry, readGeometry } from './geometry.ts';
import { createHeights, wrappedRows } from './heights.ts';
import type { Scroll } from './scroll.ts';
import { endPosition, isAtOrBelow, type Position, type Rows, visibleRows } from './viewport.ts';

/** The elements that the list is made of, from the outside in. */
export interface ListElements {
  host: HTMLElement;
  scroller: HTMLElement;
  canvas: HTMLElement;
  layer: HTMLElement;
}

/** What shows after a frame. */
export interface FrameResult {
  rows: Rows;
  /** The position that shows the last row at the lower edge. */
  end: Position;
  /** Ids of the rows that show; those of unfinished rows are above the last line's. */
  ids: readonly number[];
}

/**
 * Draws rows once per animation frame in which something changed: position, rows, sizes, and again while sizes are
 * news.
 */
export interface Frame {
  readonly geometry: Geometry;
  /** Draws at the next opportunity. */
  schedule(): void;
  /** Sizes or looks changed: measures first. */
  scheduleMeasuring(): void;
  /** Lines, and after them what is not a line yet. */
  rows(): Rows;
}

interface FrameOptions {
  elements: ListElements;
  store: LineStore;
  ids: ShownIds;
  drawn: DrawnRows;
  scroll: Scroll;
  /** Called before anything is drawn. */
  begun(): void;
  /** Called at the end of each frame. */
  done(result: FrameResult): void;
}

/** Heights of rows that were never drawn are guesses, and each drawing may correct some. */
const maxPasses = 5;

export function createFrame({ elements, store, ids, drawn, scroll, begun, done }: FrameOptions): Frame {
  const { host, scroller, canvas, layer } = elements;
  const heights = createHeights(guessRows);
  let geometry: Geometry = { top: 0, viewHeight: 0, rowHeight: heights.rowHeight, characterWidth: 8, columns: 80 };
  let measuring: 'due' | 'done' = 'due';
  let request = 0;
  let digits = 0;
  let widest = 0;

  // What it draws is painted with the new size.
  new ResizeObserver(() => {
    measuring = 'due';
    frame();
  }).observe(scroller);

  return {
    get geometry() {
      return geometry;
    },
    schedule,
    scheduleMeasuring() {
      measuring = 'due';
      schedule();
    },
    rows,
  };

  function schedule(): void {
    request = request || requestAnimationFrame(frame);
  }

  function frame(): void {
    request = 0;
    if (measuring === 'due' || digitsOf(store.last) !== digits) measureLook();
    let { viewHeight } = geometry;
    if (viewHeight === 0) return;
    begun();
    const all = rows();
    let end = scroll.now;
    let now = scroll.now;
    let view: number[] = [];
    for (let pass = 0; pass < maxPasses; pass++) {
      end = endPosition(all, viewHeight);
      const target = scroll.target(all, end, viewHeight);
      now = isAtOrBelow(target, end) ? end : target;
      view = visibleRows(now, all, viewHeight);
      drawn.draw(view);
      const isNews = measureRows(view);
      // A line wider than the view has brought a scroll bar, or the last one is gone.
      if (!isNews && scroller.clientHeight === viewHeight) break;
      viewHeight = scroller.clientHeight;
    }
    scroll.settle(now, now === end);
    // At a part of a device's pixel, hairlines would show between rows.
    const pixel = devicePixelRatio || 1;
    layer.style.transform = `translateY(${-Math.round(now.offset * pixel) / pixel}px)`;
    done({ rows: all, end, ids: view });
  }

  function rows(): Rows {
    const isWhole = ids.isWhole();
    return {
      first: ids.next(store.first - 1),
      last: drawn.unfinished.length > 0 ? store.last + drawn.unfinished.length : ids.previous(store.last + 1),
      next: ids.next,
      previous: ids.previous,
      heightOf: isWhole ? heights.of : (id) => (ids.has(id) ? heights.of(id) : 0),
      uniformHeight: isWhole && heights.isUniform ? heights.rowHeight : undefined,
    };
  }

  /** Reads the heights of what was drawn. Returns whether any was not as thought. */
  function measureRows(view: readonly number[]): boolean {
    if (!drawn.look.wrap) widen(layer.offsetWidth);
    if (heights.isUniform) return false;
    const sizes = [...layer.children].map((row) => (row as HTMLElement).offsetHeight);
    return sizes.map((height, at) => heights.measured(view[at] ?? 0, height)).includes(true);
  }

  /** The widest row so far sets the width, or the horizontal scrollbar would jump with the rows that happen to show. */
  function widen(width: number): void {
    if (width <= widest) return;
    widest = width;
    canvas.style.minWidth = `${width}px`;
  }

  function measureLook(): void {
    const { wrap, timeOf, sourceColumns } = drawn.look;
    measuring = 'done';
    digits = digitsOf(store.last);
    host.classList.toggle('wrap', wrap);
    host.classList.toggle('times', timeOf !== undefined);
    host.style.setProperty('--digits', String(digits));
    host.style.setProperty('--source-columns', String(sourceColumns));
    canvas.style.minWidth = '';
    widest = 0;
    const { top, viewHeight } = geometry;
    geometry = readGeometry(scroller, layer);
    heights.reset(geometry.rowHeight, !wrap && !drawn.dressing?.isUneven);
    // What of a row's place the view's height is a part of.
    const [before, now] = [viewHeight, geometry.viewHeight].map((height) => height - geometry.rowHeight);
    if (before && now && viewHeight > 0) scroll.viewMoved(geometry.top - top, rows(), { before, now });
  }

  function guessRows(id: number): number | undefined {
    const line = store.get(id);
    if (!line) return drawn.look.wrap ? undefined : 1;
    const extra = drawn.dressing?.extraRows(id) ?? 0;
    if (!drawn.look.wrap) return 1 + extra;
    return wrappedRows(Math.min(line.text.length, usualExtent.characters), geometry.columns) + extra;
  }
}
