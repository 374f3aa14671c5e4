import type { Origin } from '../../agent/words/line.ts';
import type { Want } from '../history/history.ts';
import { createWants } from '../history/wants.ts';
import type { Line, LineStore, Range } from '../lines/line-store.ts';
import type { SourceTag } from '../lines/sources.ts';
import type { Extent } from '../text/runs.ts';
import { createHeights, wrappedRows } from './heights.ts';
import { createRow, type Row, type RowLook } from './row.ts';
import { createScrollbar } from './scrollbar.ts';
import {
  endPosition,
  isAtOrBelow,
  moveBy,
  type Position,
  positionAt,
  positionOf,
  type Rows,
  shareOf,
  visibleRows,
} from './viewport.ts';

/** A row of what is not a line yet. */
export interface PartialRow {
  text: string;
  source?: string | undefined;
  stream?: 'stderr' | undefined;
}

/** How rows are to look, as far as the reader decides. */
export interface ListLook {
  wrap: boolean;
  showTime: boolean;
  /** Characters of the longest source's label; 0 where sources are not shown. */
  sourceColumns: number;
  /** The tag of the source that a line comes from. */
  tagOf(origin: Origin): SourceTag | undefined;
}

/** Where the list is: news after each frame in which something changed. */
export interface ListView {
  following: boolean;
  /** Lines that came since the end was left. */
  newLines: number;
  /** No row shows. */
  isEmpty: boolean;
}

export interface ListOptions {
  host: HTMLElement;
  store: LineStore;
  /** Lines that show, or soon may, and are not in the store; called in every frame. */
  want(wants: readonly Want[]): void;
  viewed(view: ListView): void;
}

/** The log's rows: draws those that show, at most once per animation frame. */
export interface List {
  readonly scroller: HTMLElement;
  readonly rows: HTMLElement;
  readonly following: boolean;
  readonly rowHeight: number;
  readonly viewHeight: number;
  /** The store has news. */
  changed(): void;
  /** Another log: back to its end, with nothing drawn. */
  reset(): void;
  /** Lines up to this one are not new to the reader. */
  greet(last: number): void;
  showPartials(partials: readonly PartialRow[]): void;
  setLook(look: ListLook): void;
  /** Fonts or sizes changed: measures anew. */
  resized(): void;
  mark(range: Range | undefined): void;
  /** Down by so many pixels, up if negative. Scrolling down to the end follows it. */
  scrollBy(pixels: number): void;
  /** Shows a line, by default in the upper third. */
  goTo(id: number, share?: number): void;
  toStart(): void;
  toEnd(): void;
  /** Stops following, right where it is. */
  stay(): void;
  /** Called after each drawing of rows. */
  onRows: (() => void) | undefined;
  /** Called when it goes to a place of its own: whatever motion is under way is over. */
  onJump: (() => void) | undefined;
}

/** Where the reader wants to be. `row` holds a row at a share of the view's height until the next scrolling. */
type Scroll = { at: 'end' } | { at: 'line'; position: Position } | { at: 'row'; id: number; share: number };

/** A screen full of lines of this extent is drawn in about a second. */
const usualExtent: Extent = { characters: 16_384, runs: 1000 };
const wholeLine: Extent = { characters: Number.POSITIVE_INFINITY, runs: Number.POSITIVE_INFINITY };
const maxPasses = 5;

export function createList({ host, store, want, viewed }: ListOptions): List {
  const scroller = element('div', 'scroller');
  const canvas = element('div', 'canvas');
  const layer = element('div', 'rows');
  scroller.tabIndex = 0;
  scroller.setAttribute('role', 'document');
  scroller.setAttribute('aria-label', 'Lines of the log');
  scroller.id = 'lines';
  canvas.append(layer);
  scroller.append(canvas);
  const scrollbar = createScrollbar({
    controls: scroller.id,
    dragged: dragTo,
    paged: (pages) => scrollBy(pages * page()),
  });
  host.replaceChildren(scroller, scrollbar.element);

  const drawn = new Map<number, Row>();
  const unlimited = new Set<number>();
  const heights = createHeights(guessRows);
  const wantsOf = createWants(store, schedule);
  let partials: readonly PartialRow[] = [];
  /** Only those that were in view have been made. */
  let partialRows: (Row | undefined)[] = [];
  let look: ListLook = { wrap: false, showTime: false, sourceColumns: 0, tagOf: () => undefined };
  let marked: Range | undefined;

  let scroll: Scroll = { at: 'end' };
  let pendingPx = 0;
  let leftEndAt = 0;
  let now: Position = { id: 1, offset: 0 };
  /** Ids of the rows that show, those of partials behind the last line's. */
  let view: number[] = [];

  let _frameRequest = 0;
  let geometry: 'known' | 'stale' = 'stale';
  let viewHeight = 0;
  let columns = 80;
  let digits = 0;
  let widest = 0;

  const api: List = {
    scroller,
    rows: layer,
    get following() {
      return scroll.at === 'end';
    },
    get rowHeight() {
      return heights.rowHeight;
    },
    get viewHeight() {
      return viewHeight;
    },
    changed: schedule,
    reset() {
      for (const row of drawn.values()) row.element.remove();
      drawn.clear();
      unlimited.clear();
      partials = [];
      marked = undefined;
      leftEndAt = 0;
      toEnd();
      resized();
    },
    greet(last) {
      leftEndAt = Math.max(leftEndAt, last);
    },
    showPartials(rows) {
      partials = rows;
      schedule();
    },
    setLook(next) {
      if (next.wrap !== look.wrap) scroller.scrollLeft = 0;
      look = next;
      resized();
    },
    resized,
    mark(range) {
      marked = range;
      schedule();
    },
    scrollBy,
    goTo(id, share = 1 / 3) {
      leaveEnd();
      jump({ at: 'row', id, share });
    },
    toStart() {
      leaveEnd();
      jump({ at: 'line', position: { id: store.first, offset: 0 } });
    },
    toEnd,
    stay() {
      leaveEnd();
      jump({ at: 'line', position: now });
    },
    onRows: undefined,
    onJump: undefined,
  };

  new ResizeObserver(resized).observe(scroller);
  layer.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('.more') : null;
    const id = Number(button?.closest<HTMLElement>('.row')?.dataset.id);
    if (!button || !id) return;
    unlimited.add(id);
    schedule();
  });
  return api;

  function schedule(): void {
    _frameRequest ||= requestAnimationFrame(frame);
  }

  function resized(): void {
    geometry = 'stale';
    schedule();
  }

  function toEnd(): void {
    jump({ at: 'end' });
  }

  function jump(target: Scroll): void {
    scroll = target;
    pendingPx = 0;
    api.onJump?.();
    schedule();
  }

  function leaveEnd(): void {
    if (scroll.at === 'end') leftEndAt = store.last;
  }

  function scrollBy(pixels: number): void {
    if (scroll.at === 'end') {
      // Nothing is below the end, and without this a flood of lines would outrun whoever scrolls up.
      if (pixels >= 0) return;
      leaveEnd();
      scroll = { at: 'line', position: now };
    } else if (scroll.at === 'row') {
      scroll = { at: 'line', position: now };
    }
    pendingPx += pixels;
    schedule();
  }

  function dragTo(share: number): void {
    if (share >= 1) {
      toEnd();
      return;
    }
    leaveEnd();
    const rows = allRows();
    jump({ at: 'line', position: positionAt(share, { ...rows, end: endPosition(rows, viewHeight) }) });
  }

  function page(): number {
    return Math.max(heights.rowHeight, viewHeight - 2 * heights.rowHeight);
  }

  /** Lines, and after them what is not a line yet. */
  function allRows(): Rows {
    const isWhole = store.hiddenIn(store.first, store.last) === 0;
    return {
      first: store.next(store.first - 1),
      last: partials.length > 0 ? store.last + partials.length : store.previous(store.last + 1),
      next: store.next,
      previous: store.previous,
      heightOf: isWhole ? heights.of : (id) => (store.isHidden(id) ? 0 : heights.of(id)),
      uniformHeight: isWhole && heights.isUniform ? heights.rowHeight : undefined,
    };
  }

  function frame(): void {
    _frameRequest = 0;
    if (geometry === 'stale' || digitsOf(store.last) !== digits) readGeometry();
    if (viewHeight === 0) return;
    const rows = allRows();
    let end = now;
    let isAtEnd = false;
    // Heights of rows that were never drawn are guesses: draw, measure and place again until nothing changes.
    for (let pass = 0; pass < maxPasses; pass++) {
      end = endPosition(rows, viewHeight);
      const target = targetOf(rows, end);
      isAtEnd = isAtOrBelow(target, end);
      now = isAtEnd ? end : target;
      view = visibleRows(now, rows, viewHeight);
      draw();
      if (!measure()) break;
    }
    if (isAtEnd && pendingPx !== 0) scroll = { at: 'end' };
    if (scroll.at === 'line') scroll.position = now;
    pendingPx = 0;
    place(rows, end);
  }

  function targetOf(rows: Rows, end: Position): Position {
    if (scroll.at === 'end') return end;
    if (scroll.at === 'row') return positionOf(scroll.id, scroll.share, rows, viewHeight);
    const inside = scroll.position.id < rows.first ? { id: rows.first, offset: 0 } : scroll.position;
    return moveBy(inside, pendingPx, rows);
  }

  /** Writes the frame's last things: position, scrollbar, what is wanted, who is told. */
  function place(rows: Rows, end: Position): void {
    layer.style.transform = `translateY(${-now.offset}px)`;
    const first = view[0] ?? rows.first;
    const last = view.at(-1) ?? rows.first - 1;
    const lastLine = Math.min(last, store.last);
    const part = view.length === 0 ? 1 : (last - first + 1) / (rows.last - rows.first + 1);
    scrollbar.show(shareOf(now, { ...rows, end }), part, first);
    store.look(first, lastLine);
    const following = scroll.at === 'end';
    const mostRows = viewHeight / heights.rowHeight;
    want(wantsOf({ first, last: lastLine, rows: view.length, mostRows, isAtEnd: following }));
    host.dataset.first = String(store.first);
    host.dataset.last = String(store.last);
    host.dataset.following = String(following);
    const seen = Math.max(leftEndAt, lastLine);
    const newLines = following ? 0 : Math.max(0, store.last - seen - store.hiddenIn(seen + 1, store.last));
    viewed({ following, newLines, isEmpty: view.length === 0 });
    api.onRows?.();
  }

  function draw(): void {
    const lineRows = new Set<Row>();
    const wanted: Row[] = [];
    for (const id of view) {
      const row = id <= store.last ? lineRow(id) : partialRow(id - store.last - 1);
      wanted.push(row);
      if (id <= store.last) lineRows.add(row);
    }
    for (const [id, row] of drawn) {
      if (lineRows.has(row)) continue;
      row.element.remove();
      drawn.delete(id);
    }
    for (const row of partialRows) {
      if (row && !wanted.includes(row)) row.element.remove();
    }
    partialRows = partialRows.slice(0, partials.length);
    let next = layer.firstElementChild;
    for (const { element } of wanted) {
      if (element === next) next = next.nextElementSibling;
      else layer.insertBefore(element, next);
    }
  }

  function lineRow(id: number): Row {
    let row = drawn.get(id);
    if (!row) {
      row = createRow(id);
      drawn.set(id, row);
    }
    const line = store.get(id);
    row.update({
      line,
      isLost: !line && store.isLost(id),
      isMarked: marked !== undefined && id >= marked.from && id <= marked.to,
      isContinuation: isContinuation(line, store.get(id - 1)),
      extent: unlimited.has(id) ? wholeLine : usualExtent,
      ...origins(line?.origin),
    });
    return row;
  }

  function partialRow(index: number): Row {
    let row = partialRows[index];
    if (!row) {
      row = createRow(undefined);
      partialRows[index] = row;
    }
    const partial = partials[index];
    if (partial) row.update(partialLook(partial));
    return row;
  }

  function partialLook({ text, source, stream }: PartialRow): RowLook {
    const origin = { time: 0, ...(source && { source }), ...(stream && { stream }) };
    return {
      line: { text, origin },
      isLost: false,
      isMarked: false,
      isContinuation: false,
      extent: usualExtent,
      ...origins(origin),
    };
  }

  function origins(origin: Origin | undefined): Pick<RowLook, 'showTime' | 'tag'> {
    return { showTime: look.showTime, tag: look.sourceColumns > 0 && origin ? look.tagOf(origin) : undefined };
  }

  /** Reads the heights of what was drawn. Returns whether any was not as thought. */
  function measure(): boolean {
    if (heights.isUniform) {
      // The widest row so far sets the width, or the horizontal scrollbar would jump with the rows that happen to show.
      const width = layer.offsetWidth;
      if (width > widest) {
        widest = width;
        canvas.style.minWidth = `${width}px`;
      }
      return false;
    }
    const sizes: [number, number][] = [];
    let at = 0;
    for (let row = layer.firstElementChild; row; row = row.nextElementSibling) {
      sizes.push([view[at++] ?? 0, (row as HTMLElement).offsetHeight]);
    }
    return sizes.map(([id, height]) => heights.measured(id, height)).includes(true);
  }

  function readGeometry(): void {
    geometry = 'known';
    host.classList.toggle('wrap', look.wrap);
    host.classList.toggle('times', look.showTime);
    digits = digitsOf(store.last);
    host.style.setProperty('--digits', String(digits));
    host.style.setProperty('--source-columns', String(look.sourceColumns));
    canvas.style.minWidth = '';
    widest = 0;
    const probe = createRow(undefined);
    probe.text.textContent = '0'.repeat(100);
    probe.element.className = 'row probe';
    layer.append(probe.element);
    const style = getComputedStyle(probe.text);
    const rowHeight = Number.parseFloat(style.lineHeight);
    const character = probe.text.getBoundingClientRect().width / 100;
    const left = probe.text.getBoundingClientRect().left - layer.getBoundingClientRect().left;
    probe.element.remove();
    viewHeight = scroller.clientHeight;
    columns = Math.max(10, Math.floor((scroller.clientWidth - left) / character));
    heights.reset(rowHeight, !look.wrap);
  }

  function guessRows(id: number): number | undefined {
    const line = store.get(id);
    return line && wrappedRows(Math.min(line.text.length, usualExtent.characters), columns);
  }
}

function isContinuation(line: Line | undefined, before: Line | undefined): boolean {
  if (!line || !before?.origin.continued) return false;
  return line.origin.source === before.origin.source && line.origin.stream === before.origin.stream;
}

/** Room for line numbers: it changes rarely, so that the text rarely moves. */
function digitsOf(last: number): number {
  return Math.max(4, String(last).length);
}

function element(name: string, className: string): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  return made;
}
