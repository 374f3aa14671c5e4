import type { FilePosition } from '../sources/source.ts';
import { type PositionsNote, parseNote, recoverPositions } from './positions.ts';
import type { Segment } from './segment.ts';
import { readFully } from './shared-handle.ts';
import { readTail } from './tail.ts';
import { type Trailer, trailerBefore, verifies } from './trailer.ts';

const windowBytes = 256 * 1024;

/**
 * Where the followed files stood at the end of the journal: what the trailers say back to the newest checkpoint. Damage
 * on the way ends the walk; what is not known for sure is left out.
 */
export async function readPositions(segments: readonly Segment[]): Promise<FilePosition[]> {
  const notes: PositionsNote[] = [];
  for (const segment of [...segments].reverse()) {
    const state = await readNotes(segment, notes);
    if (state !== 'more') break;
  }
  return recoverPositions(notes);
}

/** Adds the segment's notes, newest first, down to a checkpoint. */
async function readNotes(segment: Segment, notes: PositionsNote[]): Promise<'checkpoint' | 'damage' | 'more'> {
  const handle = await segment.handle.acquire();
  try {
    let { end } = await readTail(segment, handle, segment.size);
    let size = windowBytes;
    while (end > 0) {
      const start = Math.max(0, end - size);
      const window = Buffer.allocUnsafe(end - start);
      if ((await readFully(handle, window, window.length, start)) < window.length) return 'damage';
      let at = window.length;
      for (let batch = wholeBatchBefore(window, at); batch !== undefined; batch = wholeBatchBefore(window, at)) {
        if (batch.positionsEnd > batch.positionsStart) {
          const note = parseNote(window.toString('utf8', batch.positionsStart, batch.positionsEnd));
          notes.push(note);
          if ('all' in note) return 'checkpoint';
        }
        at = batch.batchStart;
      }
      if (at === window.length) {
        if (start === 0) return 'damage';
        size *= 4;
      } else {
        size = windowBytes;
      }
      end = start + at;
    }
    return 'more';
  } finally {
    segment.handle.release();
  }
}

function wholeBatchBefore(window: Buffer, end: number): Trailer | undefined {
  const trailer = end > 0 ? trailerBefore(window, end) : undefined;
  return trailer !== undefined && verifies(window, trailer) ? trailer : undefined;
}
