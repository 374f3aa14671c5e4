import type { List } from '../list/list.ts';
import { closestTo } from '../text/element.ts';

/** A place in a log's text: a line and an offset into what is shown of it, in UTF-16 code units. */
export interface Point {
  id: number;
  offset: number;
}

/** What is selected; `from` is not after `to`. */
export interface Selected {
  from: Point;
  to: Point;
}

/** The reader's selection in terms of lines, so that it outlives the rows it was made on. */
export interface LogSelection {
  /** Undefined where nothing, or something outside of the log, is selected. */
  readonly selected: Selected | undefined;
  selectAll(first: number, last: number): void;
  clear(): void;
}

interface Model {
  anchor: Point;
  focus: Point;
}

/** Of what is selected in the document: node and offset of the anchor, and of the focus. */
type Ends = readonly [Node | null, number, Node | null, number];

/** Beyond the end of any line. */
const lineEnd = Number.MAX_SAFE_INTEGER;
const edgeSpeed = 0.35;

/** Follows what is selected in the list's rows and puts the selection back when rows come and go. */
export function followSelection(list: List): LogSelection {
  let model: Model | undefined;
  /** What was put into the document by `restore`: a change to just this is no news. */
  let put: Ends | undefined;

  /** What of the reader's was looked at last. */
  let taken: Ends | undefined;
  /** Where the reader clicked last: Shift with another click selects from there, though its row be gone by then. */
  let clicked: Point | undefined;
  /** Where a selection began when the mouse was pressed, which changes it before its click. */
  let from: Point | undefined;

  document.addEventListener('selectionchange', () => {
    const selection = document.getSelection();
    if (selection && !sameEnds(put, endsOf(selection))) take(selection);
  });

  function take(selection: Selection): void {
    taken = endsOf(selection);
    // While dragging over the edge the browser keeps the anchor that was put there for one that is out of view, also
    // where it extends the selection again before the next frame.
    const isAnchorKept = put && put[0] === taken[0] && put[1] === taken[1];
    model = modelOf(selection, isAnchorKept ? model?.anchor : undefined);
    put = isAnchorKept ? taken : undefined;
    // What is being read is not to be scrolled away.
    if (list.following && !selection.isCollapsed && list.rows.contains(taken[0])) list.stay();
  }

  /** The event of a change comes later: rows may be drawn before it, or a key copy what is selected. */
  function takeNewest(): void {
    const selection = document.getSelection();
    const ends = selection && endsOf(selection);
    if (ends && !sameEnds(put, ends) && !sameEnds(taken, ends)) take(selection);
  }

  function modelOf(selection: Selection, kept: Point | undefined): Model | undefined {
    if (selection.isCollapsed) return undefined;
    const anchor = kept ?? pointOf(list.rows, selection.anchorNode, selection.anchorOffset);
    const focus = pointOf(list.rows, selection.focusNode, selection.focusOffset);
    if (!anchor || !focus) return undefined;
    const anchorIsIn = isInFields(selection.anchorNode);
    const focusIsIn = isInFields(selection.focusNode);
    // A part of what stands for a line is the browser's to copy; more than that stands for whole lines.
    if (anchor.id === focus.id && (anchorIsIn || focusIsIn)) return undefined;
    const edge = (point: Point, other: Point) => ({ id: point.id, offset: point.id < other.id ? 0 : lineEnd });
    return {
      anchor: anchorIsIn && !kept ? edge(anchor, focus) : anchor,
      focus: focusIsIn ? edge(focus, anchor) : focus,
    };
  }

  function restore(): void {
    if (!model) return;
    const selection = document.getSelection();
    const rows = [...list.rows.querySelectorAll<HTMLElement>('.row')];
    if (!selection) return;
    const anchor = placeOf(rows, model.anchor);
    const focus = placeOf(rows, model.focus);
    if (!anchor || !focus || (anchor.side !== 'inside' && anchor.side === focus.side)) {
      // While it is dragged it ends at the mouse, wherever the wheel leads: without it the browser would drag no more.
      const caret = caretOfDrag();
      const point = anchor && caret && pointOf(list.rows, caret.node, caret.offset);
      if (point) {
        model = { ...model, focus: point };
        restore();
        return;
      }
      put = [null, 0, null, 0];
      if (selection.rangeCount > 0) selection.removeAllRanges();
      return;
    }
    const ends = [anchor.node, anchor.offset, focus.node, focus.offset] as const;
    put = ends;
    if (!sameEnds(put, endsOf(selection))) selection.setBaseAndExtent(...ends);
  }

  // Whoever selects in a link does not want to go there.
  list.rows.addEventListener('click', (event) => {
    if (closestTo(event.target, '.text a') && !(document.getSelection()?.isCollapsed ?? true)) event.preventDefault();
  });
  list.rows.addEventListener('mousedown', (event) => {
    from = model?.anchor ?? clicked;
    // Of a line that has not come, two clicks would select all of it, as it has no word.
    if (event.detail === 2 && closestTo(event.target, '.loading')) event.preventDefault();
  });
  list.rows.addEventListener('click', ({ shiftKey, target }) => {
    const selection = document.getSelection();
    const focus =
      selection && closestTo(target, '.text') && pointOf(list.rows, selection.focusNode, selection.focusOffset);
    if (!focus) return;
    if (!shiftKey) clicked = focus;
    else if (from && !list.rows.querySelector(`[data-id="${from.id}"]`)) {
      taken = endsOf(selection as Selection);
      model = { anchor: from, focus };
      restore();
    }
  });
  // Rows that go take an end of it with them.
  list.draws.add(takeNewest);
  list.drew.add(restore);
  const caretOfDrag = scrollAtEdges(list);
  holdWhilePressed(list);

  return {
    get selected() {
      takeNewest();
      if (!model) return undefined;
      const { anchor, focus } = model;
      const forward = anchor.id < focus.id || (anchor.id === focus.id && anchor.offset <= focus.offset);
      return forward ? { from: anchor, to: focus } : { from: focus, to: anchor };
    },
    selectAll(first, last) {
      if (last < first) return;
      model = { anchor: { id: first, offset: 0 }, focus: { id: last, offset: lineEnd } };
      restore();
    },
    clear() {
      model = undefined;
      clicked = undefined;
      document.getSelection()?.removeAllRanges();
    },
  };
}

function endsOf({ anchorNode, anchorOffset, focusNode, focusOffset }: Selection): Ends {
  return [anchorNode, anchorOffset, focusNode, focusOffset];
}

function sameEnds(a: Ends | undefined, b: Ends): boolean {
  return a?.every((part, at) => part === b[at]) === true;
}

function pointOf(layer: HTMLElement, node: Node | null, offset: number): Point | undefined {
  if (!node || !layer.contains(node)) return undefined;
  if (node === layer) {
    const row = layer.children[offset] ?? layer.lastElementChild;
    return row ? pointIn(row as HTMLElement, offset < layer.children.length ? 0 : lineEnd) : undefined;
  }
  const row = closestTo(node, '.row');
  const text = row?.querySelector('.text');
  if (!row || !text) return undefined;
  const range = document.createRange();
  range.selectNodeContents(text);
  const side = range.comparePoint(node, offset);
  if (side !== 0) return pointIn(row, side < 0 ? 0 : lineEnd);
  range.setEnd(node, offset);
  return pointIn(row, range.toString().length);
}

/** In what is shown in place of a line's own text. */
function isInFields(node: Node | null): boolean {
  return !!closestTo(node, '.fields');
}

function pointIn(row: HTMLElement, offset: number): Point {
  return { id: idOf(row), offset };
}

/** Of its line; of what is not a line yet, the one that it would have: the selection stays when it becomes one. */
function idOf({ dataset }: HTMLElement): number {
  return Number(dataset.id ?? dataset.row);
}

/**
 * Where a point is in the document; for one that is out of view, the nearest place that is in it. There is none for a
 * moment when all rows that there were become lines.
 */
function placeOf(
  rows: HTMLElement[],
  point: Point,
): { node: Node; offset: number; side: 'above' | 'inside' | 'below' } | undefined {
  const [first] = rows;
  const last = rows.at(-1);
  if (!first || !last) return undefined;
  if (point.id < idOf(first)) return { ...nodeAt(first, 0), side: 'above' };
  if (point.id > idOf(last)) return { ...nodeAt(last, lineEnd), side: 'below' };
  // Where lines are left out, the row may be gone that the point was on.
  const row = rows.find((row) => idOf(row) >= point.id) ?? last;
  return { ...nodeAt(row, idOf(row) === point.id ? point.offset : 0), side: 'inside' };
}

function nodeAt(row: HTMLElement, offset: number): { node: Node; offset: number } {
  const fields = row.dataset.fields === undefined ? null : row.querySelector('.fields');
  if (fields) return { node: fields, offset: offset === 0 ? 0 : fields.childNodes.length };
  const text = row.querySelector('.text') ?? row;
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  let left = offset;
  let last: { node: Node; offset: number } = { node: text, offset: 0 };
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const length = node.nodeValue?.length ?? 0;
    if (left <= length) return { node, offset: left };
    left -= length;
    last = { node, offset: length };
  }
  return last;
}

/** A line that moves under the pointer can't be selected. After a click that selected nothing following goes on. */
function holdWhilePressed(list: List): void {
  list.rows.addEventListener('pointerdown', ({ isPrimary }) => {
    if (isPrimary) list.hold(true);
  });
  whenReleased(() => list.hold(false));
}

/**
 * Selecting with the mouse beyond the upper or lower edge scrolls, faster the farther out, and goes on selecting.
 * Returns what finds the place in view that is next to the mouse, while it is pressed.
 */
function scrollAtEdges(list: List): () => Caret | undefined {
  let pointer: { x: number; y: number } | undefined;
  let request = 0;

  list.rows.addEventListener('pointerdown', (event) => {
    if (event.pointerType !== 'mouse' || event.button !== 0) return;
    pointer = { x: event.clientX, y: event.clientY };
  });
  addEventListener('pointermove', (event: PointerEvent) => {
    if (!pointer) return;
    pointer = { x: event.clientX, y: event.clientY };
    if (!request) request = requestAnimationFrame(step);
  });
  whenReleased(() => {
    pointer = undefined;
  });

  function step(): void {
    request = 0;
    const selection = document.getSelection();
    if (!pointer || !selection || selection.isCollapsed) return;
    const view = list.scroller.getBoundingClientRect();
    const beyond = pointer.y < view.top ? pointer.y - view.top : Math.max(0, pointer.y - view.bottom);
    if (beyond === 0) return;
    list.scrollBy(beyond * edgeSpeed);
    const caret = caretOfDrag();
    if (caret && list.rows.contains(caret.node)) selection.extend(caret.node, caret.offset);
    request = requestAnimationFrame(step);
  }

  function caretOfDrag(): Caret | undefined {
    if (!pointer) return undefined;
    const { left, right, top, bottom } = list.scroller.getBoundingClientRect();
    const { x, y } = pointer;
    return caretAt(Math.max(left + 1, Math.min(x, right - 2)), Math.max(top + 2, Math.min(y, bottom - 4)));
  }

  return caretOfDrag;
}

interface Caret {
  node: Node;
  offset: number;
}

function whenReleased(react: () => void): void {
  for (const type of ['pointerup', 'pointercancel', 'blur'] as const) addEventListener(type, react);
}

function caretAt(x: number, y: number): Caret | undefined {
  if ('caretPositionFromPoint' in document) {
    const position = document.caretPositionFromPoint(x, y);
    return position ? { node: position.offsetNode, offset: position.offset } : undefined;
  }
  const range = (document as Document).caretRangeFromPoint?.(x, y);
  return range ? { node: range.startContainer, offset: range.startOffset } : undefined;
}
