import type { FilePosition } from '../../../words/position.ts';
import { largerWindow, lastWholeBatch } from '../segment/batches.ts';
import type { Segment } from '../segment/segment.ts';
import { readFully } from '../segment/shared-handle.ts';
import { readTail } from '../segment/tail.ts';
import { type Trailer, trailerBefore, verifies } from '../segment/trailer.ts';
import { type FoundNote, parseNote, recoverPositions, timeOfBatch } from './positions.ts';

const windowBytes = 256 * 1024;

/**
 * Where the followed files stood at the end of the journal: what the trailers say back to the newest checkpoint.
 *
 * @param end where the last whole batch of the newest segment ends
 */
export async function readPositions(segments: readonly Segment[], end: number): Promise<FilePosition[]> {
  const notes: FoundNote[] = [];
  for (const segment of [...segments].reverse()) {
    const known = segment === segments.at(-1) ? end : undefined;
    if ((await readNotes(segment, notes, known)) === 'checkpoint') break;
  }
  return recoverPositions(notes);
}

/** Adds the segment's notes, newest first, down to a checkpoint. */
async function readNotes(
  segment: Segment,
  notes: FoundNote[],
  knownEnd: number | undefined,
): Promise<'checkpoint' | 'more'> {
  const handle = await segment.handle.acquire();
  try {
    let end = knownEnd ?? (await readTail(segment, handle, segment.size)).end;
    let size = windowBytes;
    while (end > 0) {
      const start = Math.max(0, end - size);
      const window = Buffer.allocUnsafe(end - start);
      // What a file has lost since it was opened reads as zeros: damage.
      window.fill(0, await readFully(handle, window, window.length, start));
      let at = window.length;
      for (let batch = wholeBatchBefore(window, at); batch !== undefined; batch = wholeBatchBefore(window, at)) {
        if (batch.noteEnd > batch.noteStart) {
          const text = window.toString('utf8', batch.noteStart, batch.noteEnd);
          const note = parseNote(text, timeOfBatch(window, batch.batchStart));
          notes.push(note);
          if ('all' in note) return 'checkpoint';
        }
        at = batch.batchStart;
      }
      if (at === window.length) {
        const before = lastWholeBatch(window, 0, at);
        if (before === undefined && start > 0) {
          // A batch that is larger than the window, or damage that is.
          size = largerWindow(window, at, end);
          continue;
        }
        notes.push('damage');
        at = before?.end ?? 0;
      }
      size = windowBytes;
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
