/** Where batches begin in a segment: for an id the nearest known batch boundary before and after it. */
export interface Offsets {
  /**
   * Notes that the batch with first id `id` begins at `offset`. Kept unless another entry is nearer than the spacing.
   */
  add(id: number, offset: number): void;
  /** The last known boundary whose id is not past `id`. */
  before(id: number): Boundary;
  /** The first known boundary past `id`, or undefined. */
  after(id: number): Boundary | undefined;
  /**
   * Bytes from `offset` to the last known boundary at most `most` bytes after it, or else to the next one. Undefined
   * where none is known.
   */
  span(offset: number, most: number): number | undefined;
  readonly length: number;
}

export interface Boundary {
  id: number;
  offset: number;
}

const spacingBytes = 64 * 1024;

/**
 * Sparse: at most one entry for 64 KiB, 16 bytes each, so a segment of 64 MiB takes no more than 16 KiB.
 * @param firstId id of the segment's first line, which stands at offset 0
 */
export function createOffsets(firstId: number): Offsets {
  const ids = [firstId];
  const offsets = [0];

  /** Index of the last entry whose id is not past `id`. */
  function lastNotPast(id: number): number {
    let low = 0;
    let high = ids.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((ids[middle] as number) <= id) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Index of the last entry whose offset is not past `offset`. */
  function lastNotPastOffset(offset: number): number {
    let low = 0;
    let high = offsets.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((offsets[middle] as number) <= offset) low = middle;
      else high = middle;
    }
    return low;
  }

  function boundary(index: number): Boundary {
    return { id: ids[index] as number, offset: offsets[index] as number };
  }

  return {
    get length() {
      return ids.length;
    },

    add(id, offset) {
      const index = lastNotPast(id);
      if (offset - (offsets[index] as number) < spacingBytes) return;
      const next = offsets[index + 1];
      if (next === undefined) {
        ids.push(id);
        offsets.push(offset);
      } else if (next - offset >= spacingBytes) {
        ids.splice(index + 1, 0, id);
        offsets.splice(index + 1, 0, offset);
      }
    },

    before(id) {
      return boundary(lastNotPast(id));
    },

    after(id) {
      const index = lastNotPast(id) + 1;
      return index < ids.length ? boundary(index) : undefined;
    },

    span(offset, most) {
      const index = lastNotPastOffset(offset + most);
      const within = (offsets[index] as number) - offset;
      if (within > 0) return within;
      const next = offsets[index + 1];
      return next === undefined ? undefined : next - offset;
    },
  };
}
