import type { IdRange } from '../lines/id-ranges.ts';
import type { LineStore } from '../lines/line-store.ts';
import type { ShownIds } from '../lines/shown-ids.ts';
import { closestTo, newElement } from '../text/element.ts';
import type { Highlighter } from '../text/pattern.ts';
import { listWords } from '../words.ts';
import { createDrawnRows, type ListLook, type UnfinishedRow } from './drawn-rows.ts';
import type { Dressing } from './dressing.ts';
import { createFrame, type FrameResult, type ListElements } from './frame.ts';
import { createListeners, type Listeners } from './listeners.ts';
import type { Decorate, Decoration } from './row.ts';
import { createScroll, type Place, type Scroll } from './scroll.ts';
import { createScrollbar } from './scrollbar.ts';
import { endPosition, type Position, positionAt, shareOf } from './viewport.ts';

/** Where the list is, after each frame in which something changed. */
export interface ListView {
  /** Ids of the lines that show. */
  ids: readonly number[];
  /** How many rows there is room for. */
  mostRows: number;
  following: boolean;
  /** The last row shows, followed or not. */
  endShows: boolean;
  /** Lines that came since the end was left. */
  newLines: number;
  /** No row shows. */
  isEmpty: boolean;
}

/** The log's rows: draws those that show, at most once per animation frame. */
export interface List {
  readonly scroller: HTMLElement;
  readonly rows: HTMLElement;
  readonly scrollbar: HTMLElement;
  readonly following: boolean;
  readonly rowHeight: number;
  readonly viewHeight: number;
  /** Told before each drawing of rows, and after it. */
  readonly draws: Listeners<[]>;
  readonly drew: Listeners<[ListView]>;
  /** Told when it goes to a place of its own: whatever motion is under way is over. */
  readonly jumped: Listeners<[]>;
  /** The store has news. */
  changed(): void;
  /** Another log: back to its end, with nothing drawn. */
  reset(): void;
  /** Lines up to this one are not new to the reader. */
  greet(last: number): void;
  showUnfinished(rows: readonly UnfinishedRow[]): void;
  setLook(look: ListLook): void;
  mark(range: IdRange | undefined): void;
  /** Marks what is searched for in all lines; `current` is the place that the reader is at. */
  highlight(highlighter: Highlighter | undefined, current: { id: number; at: number } | undefined): void;
  /** Says of lines what is beside their text. */
  decorate(decorationOf: (id: number) => Decoration | undefined, decorate: Decorate): void;
  dress(dressing: Dressing): void;
  /** Rows may have other heights than those known. */
  measure(): void;
  /** What is at the upper edge, and where that edge is in the window. */
  readonly now: Position & { top: number };
  /** Down by so many pixels, up if negative. Scrolling down to the end follows it. */
  scrollBy(pixels: number): void;
  /** Shows a line, by default in the upper third. */
  goTo(id: number, share?: number): void;
  toStart(): void;
  toEnd(): void;
  /** Stops following, right where it is or was. */
  stay(position?: Position): void;
  /** Rows stay where and, if not lines yet, as they are while it is held; then following goes on. */
  hold(isHeld: boolean): void;
}

export function createList(host: HTMLElement, store: LineStore, ids: ShownIds): List {
  const elements = createElements(host);
  const { scroller, layer } = elements;
  const drawn = createDrawnRows(layer, store);
  const scroll = createScroll();
  const draws = createListeners();
  const drew = createListeners<[ListView]>();
  const jumped = createListeners();
  const frame = createFrame({ elements, store, ids, drawn, scroll, begun: draws.tell, done });
  const scrollbar = createScrollbar({
    controls: scroller.id,
    dragged: dragTo,
    paged: (pages) => scrollBy(pages * pageHeight()),
  });
  host.replaceChildren(scroller, scrollbar.element);
  takeMoreClicks(layer, (id) => {
    drawn.drawWhole(id);
    frame.schedule();
  });

  return {
    scroller,
    rows: layer,
    scrollbar: scrollbar.element,
    get following() {
      return scroll.isAtEnd;
    },
    get rowHeight() {
      return frame.geometry.rowHeight;
    },
    get viewHeight() {
      return frame.geometry.viewHeight;
    },
    draws,
    drew,
    jumped,
    changed: frame.schedule,
    reset() {
      drawn.clear();
      scroll.reset();
      jumped.tell();
      frame.scheduleMeasuring();
    },
    greet: scroll.greet,
    showUnfinished(rows) {
      drawn.unfinished = rows;
      frame.schedule();
    },
    setLook(look) {
      if (look.wrap !== drawn.look.wrap) scroller.scrollLeft = 0;
      if (look.colors !== drawn.look.colors) drawn.forgetRows();
      drawn.look = look;
      frame.scheduleMeasuring();
    },
    mark(range) {
      drawn.marked = range;
      frame.schedule();
    },
    highlight(highlighter, current) {
      drawn.highlighter = highlighter;
      drawn.currentMark = current;
      frame.schedule();
    },
    decorate(decorationOf, decorate) {
      drawn.decorationOf = decorationOf;
      drawn.decorate = decorate;
      frame.schedule();
    },
    dress(dressing) {
      drawn.forgetRows();
      drawn.dressing = dressing;
      frame.scheduleMeasuring();
    },
    measure: frame.scheduleMeasuring,
    get now() {
      return { ...scroll.now, top: frame.geometry.top };
    },
    scrollBy,
    goTo: (id, share = 1 / 3) => jump({ at: 'row', id, share }),
    toStart: () => jump({ at: 'line', position: { id: store.first, offset: 0 } }),
    toEnd: () => jump({ at: 'end' }),
    stay: (position = scroll.now) => jump({ at: 'line', position }),
    hold(isHeld) {
      scroll.hold(isHeld ? store.last : undefined);
      drawn.isHeld = isHeld;
      frame.schedule();
    },
  };

  function jump(place: Place): void {
    scroll.jump(place, store.last);
    jumped.tell();
    frame.schedule();
  }

  function scrollBy(pixels: number): void {
    if (scroll.by(pixels, store.last)) frame.schedule();
  }

  function dragTo(share: number): void {
    const rows = frame.rows();
    const end = endPosition(rows, frame.geometry.viewHeight);
    jump(share >= 1 ? { at: 'end' } : { at: 'line', position: positionAt(share, { ...rows, end }) });
  }

  function pageHeight(): number {
    const { rowHeight, viewHeight } = frame.geometry;
    return Math.max(rowHeight, viewHeight - 2 * rowHeight);
  }

  /** What a frame leaves to do: scrollbar, attributes, and who is told. */
  function done({ rows, end, ids: shown }: FrameResult): void {
    const first = shown[0] ?? rows.first;
    const last = shown.at(-1) ?? rows.first - 1;
    const part = shown.length === 0 ? 1 : (last - first + 1) / (rows.last - rows.first + 1);
    scrollbar.show(shareOf(scroll.now, { ...rows, end }), part, first);
    host.dataset.first = String(store.first);
    host.dataset.last = String(store.last);
    host.dataset.following = String(scroll.isAtEnd);
    drew.tell({
      ids: shown.filter((id) => id <= store.last),
      mostRows: frame.geometry.viewHeight / frame.geometry.rowHeight,
      following: scroll.isAtEnd,
      endShows: scroll.now === end,
      newLines: newLines(scroll, store, last),
      isEmpty: shown.length === 0,
    });
  }
}

/** Lines that came since the end was left. */
function newLines(scroll: Scroll, store: LineStore, lastShown: number): number {
  if (scroll.isAtEnd) return 0;
  const seen = Math.max(scroll.leftEndAt, Math.min(lastShown, store.last));
  return Math.max(0, store.last - seen - store.hiddenIn(seen + 1, store.last));
}

function createElements(host: HTMLElement): ListElements {
  const scroller = newElement('div', 'scroller');
  const canvas = newElement('div', 'canvas');
  const layer = newElement('div', 'rows');
  scroller.tabIndex = 0;
  scroller.id = 'lines';
  scroller.setAttribute('role', 'document');
  scroller.setAttribute('aria-label', listWords.lines);
  // The page gives them the focus, too, and no ring is to be around them then.
  scroller.onkeyup = scroller.onpointerdown = (event: Partial<KeyboardEvent>) => {
    const { key } = event;
    if (!key || key === 'Tab') scroller.toggleAttribute('data-tab', !!key);
  };
  canvas.append(layer);
  scroller.append(canvas);
  return { host, scroller, canvas, layer };
}

/** A long line's button: the rest of it is drawn when it is asked for. */
function takeMoreClicks(layer: HTMLElement, drawWhole: (id: number) => void): void {
  layer.addEventListener('click', (event) => {
    const button = closestTo(event.target, '.more');
    const id = Number(button?.closest<HTMLElement>('.row')?.dataset.id);
    if (button && id) drawWhole(id);
  });
}
