import { defined } from '../../../words/defined.ts';
import type { FilePosition } from '../../../words/position.ts';

/** What one trailer says about the followed files: all of them, or those with lines in its batch. */
export type PositionsNote = { all: FilePosition[] } | { at: (FilePosition | Moved)[] };

/** What is found on the way back through a journal: between two notes there may be others that can't be read. */
export type FoundNote = PositionsNote | 'damage';

/** A file that is the same as before, read further. The time of its last write stands there where it has changed. */
type Moved = [source: string, offset: number, writtenAtUs?: number];

/** A checkpoint follows the one before after so many bytes, and no checkpoint takes more than 1/32 of the journal. */
const checkpointBytes = 1024 * 1024;
const checkpointShare = 32;

/** Where the followed files stand, and how trailers tell it: docs/journal-format.md, "Positions". */
export interface PositionTracker {
  readonly current: ReadonlyMap<string, FilePosition>;
  /** The JSON for the trailer of a batch of `bytes` bytes; empty when there is nothing to say. */
  note(positions: readonly FilePosition[] | undefined, bytes: number, beginsSegment: boolean): string;
  /** The batch is in the journal. */
  written(positions: readonly FilePosition[] | undefined): void;
}

export function createPositionTracker(recovered: Iterable<FilePosition>): PositionTracker {
  const current = new Map<string, FilePosition>();
  for (const position of recovered) current.set(position.source, position);
  let bytesToCheckpoint = 0;

  return {
    current,

    note(positions = [], bytes, beginsSegment) {
      bytesToCheckpoint -= bytes;
      if (beginsSegment || bytesToCheckpoint <= 0) {
        const all = new Map(current);
        for (const position of positions) all.set(position.source, position);
        const text = noteText({ all: [...all.values()] });
        bytesToCheckpoint = Math.max(checkpointBytes, text.length * checkpointShare);
        return text;
      }
      if (positions.length === 0) return '';
      return noteText({
        at: positions.map((position) => {
          const known = current.get(position.source);
          return known !== undefined && isSameFile(known, position) ? movedFrom(known, position) : position;
        }),
      });
    },

    written(positions = []) {
      for (const position of positions) current.set(position.source, position);
    },
  };
}

/**
 * The positions that hold after the notes given, newest first. Where damage stands between the note that named a file and one that
 * moved on in it, another file may have been named there: such a position is unsure. A source that is mentioned in short form
 * only has none.
 */
export function recoverPositions(newestFirst: readonly FoundNote[]): FilePosition[] {
  const recovered = new Map<string, FilePosition>();
  let doubted = new Set<string>();
  for (const note of [...newestFirst].reverse()) {
    if (note === 'damage') {
      doubted = new Set(recovered.keys());
      continue;
    }
    for (const entry of 'all' in note ? note.all : note.at) {
      if (!Array.isArray(entry)) {
        recovered.set(entry.source, entry);
        doubted.delete(entry.source);
        continue;
      }
      const [source, offset, writtenAtUs] = entry;
      const known = recovered.get(source);
      if (known === undefined) continue;
      recovered.set(source, {
        ...known,
        offset,
        ...defined({ writtenAtUs, isUnsure: doubted.has(source) || undefined }),
      });
    }
  }
  return [...recovered.values()];
}

/** Parses a trailer's JSON. It was written by us and verified, so its shape is not in doubt. */
export function parseNote(json: string): PositionsNote {
  return JSON.parse(json) as PositionsNote;
}

function noteText(note: PositionsNote): string {
  return JSON.stringify(note);
}

function movedFrom(known: FilePosition, { source, offset, writtenAtUs }: FilePosition): Moved {
  return writtenAtUs === undefined || writtenAtUs === known.writtenAtUs
    ? [source, offset]
    : [source, offset, writtenAtUs];
}

function isSameFile(a: FilePosition, b: FilePosition): boolean {
  if (a.isUnsure) return false;
  if (a.writtenAtUs !== undefined && b.writtenAtUs === undefined) return false;
  return a.path === b.path && a.file === b.file && a.head.length === b.head.length && a.head.crc === b.head.crc;
}
