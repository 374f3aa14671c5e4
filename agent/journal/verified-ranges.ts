import type { FileHandle } from 'node:fs/promises';

/**
 * What of a file was verified a short while ago: a checksum is half of reading what the kernel has in
 * memory, and a log is read again by each search and each of its viewers. Nothing is known of a file that was changed
 * since, nor for longer than a minute: damage that no change shows (a disk's) is seen then. docs/decisions/0038
 */
export interface VerifiedRanges {
  /**
   * Looks whether the file was changed, at most once a second; to be called before bytes are read that are to be looked
   * up or added here. Never rejects: of a file that can't be looked at nothing is known.
   *
   * @param isNew the file was just opened: looks in any case
   */
  look(handle: FileHandle, isNew?: boolean): Promise<void> | undefined;
  /** Another number for each change of the file that is seen: to be noted when bytes begin to be read. */
  readonly change: number;
  /** Whether all bytes from one offset up to another were verified, and the ones read since that change are they. */
  has(from: number, to: number, change: number): boolean;
  add(from: number, to: number, change: number): void;
}

const mostMs = 60_000;
const lookEveryMs = 1000;
/** A file that was changed so shortly before may be changed once more without another time, where those are coarse. */
const settledMs = 3000;
/** Of readers that jump about. */
const mostRanges = 64;

export function createVerifiedRanges(now: () => number = () => performance.now()): VerifiedRanges {
  /** Apart from each other. */
  let ranges: Range[] = [];
  /** Of the first of them. */
  let verifiedAt = 0;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let version: string | undefined;
  let change = 0;

  let looking: Promise<void> | undefined;

  async function lookAt(handle: FileHandle): Promise<void> {
    const seen = await versionOf(handle).catch(() => undefined);
    lookedAt = now();
    if (seen === version) return;
    ranges = [];
    version = seen;
    change++;
  }

  function startLook(handle: FileHandle): Promise<void> {
    const mine = lookAt(handle).finally(() => {
      if (looking === mine) looking = undefined;
    });
    looking = mine;
    return mine;
  }

  return {
    look(handle, isNew = false) {
      // One that is under way may have looked before the change.
      if (isNew) return startLook(handle);
      if (looking !== undefined) return looking;
      return now() - lookedAt > lookEveryMs ? startLook(handle) : undefined;
    },

    get change() {
      return change;
    },

    has(from, to, readSince) {
      if (now() - verifiedAt > mostMs) ranges = [];
      return readSince === change && ranges.some((range) => range.from <= from && to <= range.to);
    },

    add(from, to, readSince) {
      if (version === undefined || readSince !== change) return;
      if (ranges.length === 0) verifiedAt = now();
      const others = ranges.filter((range) => range.to < from || to < range.from);
      const touching = ranges.filter((range) => !others.includes(range));
      const joined = {
        from: Math.min(from, ...touching.map((range) => range.from)),
        to: Math.max(to, ...touching.map((range) => range.to)),
      };
      ranges = [...others.slice(-mostRanges + 1), joined];
    },
  };
}

interface Range {
  from: number;
  to: number;
}

/** What a change of the file changes; undefined while it may be changed unseen. */
async function versionOf(handle: FileHandle): Promise<string | undefined> {
  const { ino, size, ctimeMs, ctimeNs } = await handle.stat({ bigint: true });
  return Date.now() - Number(ctimeMs) < settledMs ? undefined : `${ino} ${size} ${ctimeNs}`;
}
