import { endPosition, isAtOrBelow, moveBy, type Position, positionOf, type Rows } from './viewport.ts';

/**
 * Where the reader wants to be.
 * - `end`: the newest line, whatever comes
 * - `line`: a row at the upper edge
 * - `row`: a row at a share of the view's height, until the next scrolling
 */
export type Place = { at: 'end' } | { at: 'line'; position: Position } | { at: 'row'; id: number; share: number };

/** The reader's place in the log and the way to it: no DOM, no clock. */
export interface Scroll {
  readonly isAtEnd: boolean;
  /** What is at the upper edge, as of the last frame. */
  readonly now: Position;
  /** Goes to a place. `last` is the log's last line right now: those after it are new to whoever leaves the end. */
  jump(place: Place, last: number): void;
  /** Adds to the way to go in the next frame, down or (negative) up. Returns whether there is one. */
  by(pixels: number, last: number): boolean;
  /** While it is held, with the log's last line of that moment, rows stay where they are, though it is at the end. */
  hold(last: number | undefined): void;
  /** Lines up to this one are not new to the reader. */
  greet(last: number): void;
  /** The last line that the reader saw or could have seen before leaving the end. */
  readonly leftEndAt: number;
  /**
   * The view's upper edge is so many pixels further down, up if negative: rows stay where they are on the screen.
   * @param way by how much a row can be lower than at the upper edge
   */
  viewMoved(px: number, rows: Rows, way: { before: number; now: number }): void;
  /** Where the next frame should be. */
  target(rows: Rows, end: Position, viewHeight: number): Position;
  /** The frame is at this position, which is the end or not. */
  settle(position: Position, isAtEnd: boolean): void;
  reset(): void;
}

export function createScroll(): Scroll {
  let place: Place = { at: 'end' };
  let now: Position = { id: 1, offset: 0 };
  let pendingPx = 0;
  let leftEndAt = 0;
  /** The log's last line when it was gone to a row. */
  let lastThen = 0;
  /** The log's last line when it was held. */
  let heldAt: number | undefined;

  function leaveEnd(last: number): void {
    if (place.at === 'end') leftEndAt = heldAt ?? last;
  }

  return {
    get isAtEnd() {
      return place.at === 'end';
    },
    get now() {
      return now;
    },
    get leftEndAt() {
      return leftEndAt;
    },
    jump(next, last) {
      if (next.at !== 'end') leaveEnd(last);
      place = next;
      lastThen = last;
      pendingPx = 0;
      heldAt = undefined;
    },
    by(pixels, last) {
      // Nothing is below the end. Up counts at once: a flood of lines would outrun whoever scrolls up.
      if (place.at === 'end' && pixels >= 0) return false;
      leaveEnd(last);
      if (place.at !== 'line') place = { at: 'line', position: now };
      pendingPx += pixels;
      return true;
    },
    hold(last) {
      heldAt = last;
    },
    greet(last) {
      leftEndAt = Math.max(leftEndAt, last);
      lastThen = Math.max(lastThen, last);
    },
    viewMoved(px, rows, way) {
      if (px === 0) return;
      if (place.at === 'row') {
        place = { ...place, share: Math.max(0, (place.share * way.before - px) / way.now) };
        // The first line is under nothing.
      } else if (place.at === 'line' && (place.position.offset !== 0 || place.position.id > rows.first))
        place = { at: 'line', position: moveBy(place.position, px, rows) };
    },
    target(rows, end, viewHeight) {
      if (place.at === 'end') return heldAt === undefined ? end : now;
      if (place.at === 'row') {
        const target = positionOf(place.id, place.share, rows, viewHeight);
        // There is nothing below the end of then: the row doesn't rise with lines that come. That end is looked for
        // anew, as which lines show and how high they are is not known at once.
        const then = rows.last > lastThen ? { ...rows, last: rows.previous(lastThen + 1) } : rows;
        const endThen = then === rows ? end : endPosition(then, viewHeight);
        return place.id <= then.last && isAtOrBelow(target, endThen) ? endThen : target;
      }
      const inside = place.position.id < rows.first ? { id: rows.first, offset: 0 } : place.position;
      // A row stays the first one where it has become lower than its part above the view was, or is thought to be so.
      if (pendingPx === 0 && rows.heightOf(inside.id) > 0 && inside.offset >= rows.heightOf(inside.id)) {
        return { id: inside.id, offset: 0 };
      }
      return moveBy(inside, pendingPx, rows);
    },
    settle(position, isAtEnd) {
      now = position;
      if (isAtEnd && pendingPx !== 0) place = { at: 'end' };
      if (place.at === 'line') place.position = position;
      pendingPx = 0;
    },
    reset() {
      place = { at: 'end' };
      heldAt = undefined;
      pendingPx = 0;
      leftEndAt = 0;
    },
  };
}
