/** Row heights in CSS pixels: the one place that knows or guesses how high a row is. */
export interface Heights {
  /** Height of a row that can't be told otherwise: one line of text. */
  readonly rowHeight: number;
  /** True where every row is exactly `rowHeight` high (no wrapping). */
  readonly isUniform: boolean;
  of(id: number): number;
  /** A row was drawn and is this high. Returns whether that is news. */
  measured(id: number, height: number): boolean;
  /** Everything measured is void: width, font or wrapping changed. */
  reset(rowHeight: number, isUniform: boolean): void;
}

/** Measured heights are kept for so many rows; older ones are guessed again. */
const maxMeasured = 4096;

/**
 * @param guess Rows (lines of text) that a line's text will probably take when it is wrapped; undefined where the
 *   text is not known, then the average of what was measured is taken.
 */
export function createHeights(guess: (id: number) => number | undefined): Heights {
  const known = new Map<number, number>();
  let rowHeight = 20;
  let isUniform = true;
  let sum = 0;

  return {
    get rowHeight() {
      return rowHeight;
    },
    get isUniform() {
      return isUniform;
    },
    of(id) {
      if (isUniform) return rowHeight;
      const height = known.get(id);
      if (height !== undefined) return height;
      const rows = guess(id);
      if (rows !== undefined) return rows * rowHeight;
      return known.size === 0 ? rowHeight : Math.max(rowHeight, sum / known.size);
    },
    measured(id, height) {
      if (isUniform || height <= 0) return false;
      const before = known.get(id);
      if (before !== undefined && Math.abs(before - height) < 0.5) return false;
      known.delete(id);
      known.set(id, height);
      sum += height - (before ?? 0);
      if (known.size > maxMeasured) {
        const [oldest, oldHeight] = known.entries().next().value as [number, number];
        known.delete(oldest);
        sum -= oldHeight;
      }
      return true;
    },
    reset(newRowHeight, newIsUniform) {
      known.clear();
      sum = 0;
      rowHeight = newRowHeight;
      isUniform = newIsUniform;
    },
  };
}

/** Rows that text of this many columns takes at a width of `columns`. */
export function wrappedRows(length: number, columns: number): number {
  return Math.max(1, Math.ceil(length / Math.max(1, columns)));
}
