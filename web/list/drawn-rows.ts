import { sameSpeaker, usualExtent, wholeExtent } from '../../agent/text/drawing/row-html.ts';
import type { Origin } from '../../agent/words/line.ts';
import type { Line, LineStore } from '../lines/line-store.ts';
import type { SourceTag } from '../lines/sources.ts';
import type { Highlighter } from '../text/pattern.ts';
import type { Dressing } from './dressing.ts';
import { createRow, type Decorate, type Decoration, type Row, type RowLook } from './row.ts';

/** A row of what is not a line yet. */
export interface UnfinishedRow {
  text: string;
  source?: string | undefined;
  stream?: 'stderr' | undefined;
}

/** How rows are to look, as far as the reader decides. */
export interface ListLook {
  wrap: boolean;
  /** What the column of times shows of a line; undefined where there is no such column. */
  timeOf: ((id: number) => string) | undefined;
  /** Changes where what is drawn is to be drawn again: the colors are others. */
  colors: unknown;
  /** Characters of the longest source's label; 0 where sources are not shown. */
  sourceColumns: number;
  /** The tag of the source that a line comes from. */
  tagOf(origin: Origin): SourceTag | undefined;
}

/** The rows in the document: those that show and no other. */
export interface DrawnRows {
  look: ListLook;
  /** Lines that the address marks; both ids included. */
  marked: { from: number; to: number } | undefined;
  /** What is searched for, and the place that the search is at: the `at`-th of line `id`. */
  highlighter: Highlighter | undefined;
  currentMark: { id: number; at: number } | undefined;
  /** What is said of a line beside its text; the same object as long as it is the same. */
  decorationOf(id: number): Decoration | undefined;
  /** Draws what is said; loaded later. */
  decorate: Decorate | undefined;
  dressing: Dressing | undefined;
  /** What is not a line yet; its rows come after the last line's. */
  unfinished: readonly UnfinishedRow[];
  /** Those stay as they are: what is drawn anew under the pointer can be neither clicked nor selected. */
  isHeld: boolean;
  /** Makes the document hold exactly the rows with these ids, in this order. */
  draw(ids: readonly number[]): void;
  /** All rows are drawn anew the next time. */
  forgetRows(): void;
  /** Draws a long line in whole from now on. */
  drawWhole(id: number): void;
  clear(): void;
}

export function createDrawnRows(layer: HTMLElement, store: LineStore): DrawnRows {
  /**
   * By the ids of their lines; unfinished rows by the negative of the ids that they would have as lines. Those that are
   * not here any more stay in the document until the next drawing: a click, a measurement and a frame always find rows.
   */
  let drawn = new Map<number, Row>();
  const wholeLines = new Set<number>();

  const rows: DrawnRows = {
    look: { wrap: false, timeOf: undefined, colors: undefined, sourceColumns: 0, tagOf: () => undefined },
    marked: undefined,
    highlighter: undefined,
    currentMark: undefined,
    decorationOf: () => undefined,
    decorate: undefined,
    dressing: undefined,
    unfinished: [],
    isHeld: false,
    draw(ids) {
      const before = drawn;
      drawn = new Map();
      for (const id of ids) {
        const place = store.last + 1 - id;
        const key = place > 0 ? id : -id;
        const known = before.get(key);
        const row = known ?? createRow(key);
        if (place > 0 || !known || !rows.isHeld)
          row.update(place > 0 ? lineLook(id) : unfinishedLook(rows.unfinished[-place] as UnfinishedRow));
        drawn.set(key, row);
      }
      const wanted = new Set([...drawn.values()].map(({ element }) => element as Element));
      for (const element of [...layer.children]) if (!wanted.has(element)) element.remove();
      let next = layer.firstElementChild;
      for (const element of wanted) {
        if (element === next) next = next.nextElementSibling;
        else layer.insertBefore(element, next);
      }
    },
    drawWhole: (id) => wholeLines.add(id),
    forgetRows: () => drawn.clear(),
    clear() {
      drawn.clear();
      wholeLines.clear();
      rows.unfinished = [];
      rows.marked = undefined;
    },
  };
  return rows;

  function lineLook(id: number): RowLook {
    const line = store.get(id);
    const { marked, highlighter, currentMark, dressing } = rows;
    return {
      content: line ?? (store.isLost(id) ? 'lost' : 'loading'),
      isMarked: marked !== undefined && id >= marked.from && id <= marked.to,
      isContinuation: isContinuation(line, store.get(id - 1)),
      extent: wholeLines.has(id) ? wholeExtent : usualExtent,
      highlighter,
      currentMark: currentMark?.id === id ? currentMark.at : undefined,
      decoration: rows.decorationOf(id),
      decorate: rows.decorate,
      dressing,
      dressed: line && dressing ? dressing.stateOf(id, line) : '',
      ...columnsOf(line, id),
    };
  }

  function unfinishedLook({ text, source, stream }: UnfinishedRow): RowLook {
    const content = { text, origin: { time: 0, ...(source && { source }), ...(stream && { stream }) } };
    return {
      content,
      extent: usualExtent,
      highlighter: rows.highlighter,
      dressing: rows.dressing,
      ...columnsOf(content),
    };
  }

  function columnsOf(line: Line | undefined, id?: number): Pick<RowLook, 'time' | 'tag'> {
    const { timeOf, sourceColumns, tagOf } = rows.look;
    return {
      time: timeOf && (id !== undefined && line?.origin.time ? timeOf(id) : ''),
      tag: sourceColumns > 0 && line ? tagOf(line.origin) : undefined,
    };
  }
}

function isContinuation(line: Line | undefined, before: Line | undefined): boolean {
  return line !== undefined && before?.origin.continued === true && sameSpeaker(line.origin, before.origin);
}
