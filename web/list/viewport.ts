/**
 * Where the page is in a log, as arithmetic. Scrolling is kept by line: a position names the row at the upper edge and
 * how much of it is hidden, so it stays right whatever is known of the heights of ten million other rows.
 */

/** The row at the upper edge, and how many pixels of it lie above that edge (0 up to its height). */
export interface Position {
  id: number;
  offset: number;
}

/** The rows there are: from id `first` to `last`, none where `last < first`. */
export interface Rows {
  first: number;
  last: number;
  /** Id of the row after this one; `last + 1` behind the last. */
  next(id: number): number;
  /** Id of the row before this one; less than `first` before the first. */
  previous(id: number): number;
  /** CSS pixels; 0 for ids between rows. */
  heightOf(id: number): number;
  /** Height of every row where all have the same and no id is left out: makes any distance one division. */
  uniformHeight?: number | undefined;
}

/** The position that shows the last row at the lower edge; the first row at the upper edge if all rows fit. */
export function endPosition(rows: Rows, viewHeight: number): Position {
  const end = moveBy({ id: rows.last + 1, offset: 0 }, -viewHeight, rows);
  return rows.last < rows.first ? { id: rows.first, offset: 0 } : end;
}

/** The position `distance` pixels further down (up if negative), not before the first row's upper edge. */
export function moveBy(position: Position, distance: number, rows: Rows): Position {
  if (rows.uniformHeight) return moveUniform(position, distance, rows, rows.uniformHeight);
  let { id } = position;
  let offset = position.offset + distance;
  while (offset < 0 && id > rows.first) {
    id = rows.previous(id);
    offset += rows.heightOf(id);
  }
  if (offset < 0) return { id: rows.first, offset: 0 };
  for (let height = rows.heightOf(id); offset >= height && id <= rows.last; height = rows.heightOf(id)) {
    offset -= height;
    id = rows.next(id);
  }
  return { id, offset };
}

function moveUniform(position: Position, distance: number, rows: Rows, height: number): Position {
  const offset = position.offset + distance;
  const id = position.id + Math.floor(offset / height);
  if (id < rows.first) return { id: rows.first, offset: 0 };
  return { id, offset: offset - Math.floor(offset / height) * height };
}

/** Whether `a` is at or below `b`; half a pixel doesn't count. */
export function isAtOrBelow(a: Position, b: Position): boolean {
  return a.id > b.id || (a.id === b.id && a.offset >= b.offset - 0.5);
}

/** Ids of the rows that show in a view of this height, at least one of them where there is any. */
export function visibleRows(position: Position, rows: Rows, viewHeight: number): number[] {
  if (rows.last < rows.first) return [];
  const from = Math.max(rows.first, Math.min(position.id, rows.last));
  const ids = [from];
  let bottom = rows.heightOf(from) - position.offset;
  for (let id = rows.next(from); bottom < viewHeight && id <= rows.last; id = rows.next(id)) {
    ids.push(id);
    bottom += rows.heightOf(id);
  }
  return ids;
}

/** The position that shows row `id` at `share` (0 to 1) of the view's height. */
export function positionOf(id: number, share: number, rows: Rows, viewHeight: number): Position {
  const inside = Math.max(rows.first, Math.min(id, rows.last));
  return moveBy({ id: inside, offset: 0 }, -Math.max(0, (viewHeight - rows.heightOf(inside)) * share), rows);
}

/**
 * The scrollbar counts lines and not pixels: heights far away are not known, and ten million rows are more pixels
 * than a browser's own scrollbar can count.
 */
export interface Scale {
  first: number;
  /** The end position. */
  end: Position;
  heightOf(id: number): number;
  next(id: number): number;
}

/** How far along the way from the first row to the end position it is: 0 to 1. */
export function shareOf(position: Position, scale: Scale): number {
  const way = lineOf(scale.end, scale) - scale.first;
  if (way <= 0) return 1;
  return Math.max(0, Math.min(1, (lineOf(position, scale) - scale.first) / way));
}

/** The position at a share of that way. */
export function positionAt(share: number, scale: Scale): Position {
  const line = scale.first + Math.max(0, Math.min(1, share)) * (lineOf(scale.end, scale) - scale.first);
  const id = Math.floor(line);
  const height = scale.heightOf(id);
  return height > 0 ? { id, offset: (line - id) * height } : { id: scale.next(id), offset: 0 };
}

function lineOf(position: Position, scale: Scale): number {
  const height = scale.heightOf(position.id);
  return height > 0 ? position.id + position.offset / height : position.id;
}
