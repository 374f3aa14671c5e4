import type { Batch } from '../../../frame/block.ts';
import { originAt } from '../../../frame/scan.ts';
import { defined } from '../../../words/defined.ts';
import type { FilePosition } from '../../../words/position.ts';

/**
 * What one trailer says about the followed files: all of them (a checkpoint), or those with lines in its batch. A
 * number is the file's place in the table that the checkpoint begins; an array is how journals of 0.1.0 say it, with
 * the source's name.
 */
export type PositionsNote =
  | { all: FilePosition[] }
  | { at: (FilePosition | MovedSource)[] }
  | { new: [number, FilePosition][]; moved: MovedPlace[] };

/** What is found on the way back through a journal: between two notes there may be others that can't be read. */
export type FoundNote = PositionsNote | 'damage';

/** A file that is the same as before, read further. The time of its last write stands there where it has changed. */
type MovedSource = [source: string, offset: number, writtenAtUs?: number];
type MovedPlace = [place: number, offset: number, writtenAtUs?: number];

/** A checkpoint follows the one before after so many bytes, and no checkpoint takes more than 1/32 of the journal. */
const checkpointBytes = 1024 * 1024;
const checkpointShare = 32;

/** Where the followed files stand, and how trailers say it: docs/journal-format.md, "Positions". */
export interface PositionTracker {
  readonly current: ReadonlyMap<string, FilePosition>;
  /** The note for the batch's trailer, without line ends; empty when there is nothing to say. */
  note(batch: Batch, beginsSegment: boolean): string;
  /** The batch is in the journal. */
  written(positions: readonly FilePosition[] | undefined): void;
}

export function createPositionTracker(recovered: Iterable<FilePosition>): PositionTracker {
  const current = new Map<string, FilePosition>();
  for (const position of recovered) current.set(position.source, position);
  /** Places in the table since the newest checkpoint, by source. */
  const places = new Map<string, number>();
  let bytesToCheckpoint = 0;

  function checkpoint(positions: readonly FilePosition[]): string {
    const all = new Map(current);
    for (const position of positions) all.set(position.source, position);
    places.clear();
    for (const source of all.keys()) places.set(source, places.size);
    const text = JSON.stringify({ all: [...all.values()] });
    bytesToCheckpoint = Math.max(checkpointBytes, text.length * checkpointShare);
    return text;
  }

  return {
    current,

    note({ bytes, length, positions = [] }, beginsSegment) {
      bytesToCheckpoint -= length;
      if (beginsSegment || bytesToCheckpoint <= 0) return checkpoint(positions);
      if (positions.length === 0) return '';
      const batchTimeUs = timeOfBatch(bytes, 0);
      const added: [number, FilePosition][] = [];
      const moved: string[] = [];
      for (const position of positions) {
        const known = current.get(position.source);
        const place = places.get(position.source);
        if (place !== undefined && known !== undefined && isSameFile(known, position)) {
          moved.push(movedText(place, known, position, batchTimeUs));
        } else {
          places.set(position.source, place ?? places.size);
          added.push([place ?? places.size - 1, position]);
        }
      }
      const movedPart = moved.join(',');
      return added.length === 0 ? movedPart : JSON.stringify({ new: added, moved: movedPart });
    },

    written(positions = []) {
      for (const position of positions) current.set(position.source, position);
    },
  };
}

/**
 * The positions that hold after the notes given, newest first. Where damage stands between the note that named a file
 * and one that moved on in it, another file may have been named there: such a position is unsure. A source that is
 * mentioned in short form only has none.
 */
export function recoverPositions(newestFirst: readonly FoundNote[]): FilePosition[] {
  const recovered = new Map<string, FilePosition>();
  let table: (string | undefined)[] = [];
  let doubted = new Set<string>();

  function name(position: FilePosition): void {
    recovered.set(position.source, position);
    doubted.delete(position.source);
  }

  function move(source: string | undefined, offset: number, writtenAtUs: number | undefined): void {
    const known = source === undefined ? undefined : recovered.get(source);
    if (source === undefined || known === undefined) return;
    const isUnsure = doubted.has(source) || undefined;
    recovered.set(source, { ...known, offset, ...defined({ writtenAtUs, isUnsure }) });
  }

  for (const note of [...newestFirst].reverse()) {
    if (note === 'damage') {
      doubted = new Set(recovered.keys());
    } else if ('all' in note) {
      table = note.all.map(({ source }) => source);
      note.all.forEach(name);
    } else if ('at' in note) {
      for (const entry of note.at) {
        if (Array.isArray(entry)) move(entry[0], entry[1], entry[2]);
        else name(entry);
      }
    } else {
      for (const [place, position] of note.new) {
        table[place] = position.source;
        name(position);
      }
      for (const [place, offset, writtenAtUs] of note.moved) move(table[place], offset, writtenAtUs);
    }
  }
  return [...recovered.values()];
}

/**
 * Parses a trailer's note. It was written by us and verified, so its form is not in doubt.
 * @param batchTimeUs what `timeOfBatch` gives of its batch
 */
export function parseNote(text: string, batchTimeUs: number): PositionsNote {
  if (!text.startsWith('{')) return { new: [], moved: parseMoved(text, batchTimeUs) };
  const note = JSON.parse(text);
  return 'new' in note ? { new: note.new, moved: parseMoved(note.moved, batchTimeUs) } : note;
}

/** Microseconds since the epoch of the origin with which the batch at `start` begins. */
export function timeOfBatch(bytes: Buffer, start: number): number {
  return (originAt(bytes, start)?.origin.time ?? 0) * 1000;
}

/** Numbers in notes have 36 digits: they are in every trailer of a followed file. */
const radix = 36;

/**
 * `<place>.<offset>`, and where the time of the last write has changed how many microseconds it is from the batch's.
 */
function movedText(place: number, known: FilePosition, position: FilePosition, batchTimeUs: number): string {
  const text = `${place.toString(radix)}.${position.offset.toString(radix)}`;
  const { writtenAtUs } = position;
  if (writtenAtUs === undefined || writtenAtUs === known.writtenAtUs) return text;
  const fromBatch = writtenAtUs - batchTimeUs;
  return `${text}${fromBatch < 0 ? '' : '+'}${fromBatch.toString(radix)}`;
}

function parseMoved(text: string, batchTimeUs: number): MovedPlace[] {
  return [...text.matchAll(/([0-9a-z]+)\.([0-9a-z]+)([+-][0-9a-z]+)?/g)].map(([, place, offset, fromBatch]) => {
    const moved: [number, number] = [numberIn(place), numberIn(offset)];
    return fromBatch === undefined ? moved : [...moved, batchTimeUs + numberIn(fromBatch)];
  });
}

function numberIn(text = '0'): number {
  return Number.parseInt(text, radix);
}

function isSameFile(a: FilePosition, b: FilePosition): boolean {
  if (a.isUnsure) return false;
  if (a.writtenAtUs !== undefined && b.writtenAtUs === undefined) return false;
  return a.path === b.path && a.file === b.file && a.head.length === b.head.length && a.head.crc === b.head.crc;
}
