import { nextOrigin, originAt, originBefore } from '../frame/scan.ts';
import type { Origin } from '../words/line.ts';

/**
 * Says under which origin lines stand, for places in a block that only grow: each origin is looked at once, and only
 * where it matters.
 */
export interface OriginCursor {
  at(place: number): Origin;
  /** The origin in force at the block's end. */
  last(): Origin;
}

/** @param inForce of what comes before the block's first origin */
export function createOriginCursor(bytes: Buffer, inForce: Origin | undefined): OriginCursor {
  let start: number | undefined;
  let next = 0;
  let origin = inForce;

  function enter(at: number | undefined): void {
    start = at;
    origin = (at === undefined ? undefined : originAt(bytes, at)?.origin) ?? inForce;
    next = nextOrigin(bytes, at ?? 0) ?? Number.POSITIVE_INFINITY;
  }

  return {
    at(place) {
      if (start === undefined || place >= next) enter(originBefore(bytes, place));
      return origin ?? { time: 0 };
    },
    last() {
      return this.at(bytes.length);
    },
  };
}
