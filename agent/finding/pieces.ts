import type { Block } from '../frame/block.ts';
import { eventText, lineEvent } from '../frame/events.ts';
import { eventEndAfter, idAt, visitEvents } from '../frame/scan.ts';
import type { Origin } from '../words/line.ts';
import { createExcerpt, type Excerpt } from './excerpt.ts';
import { mostPieces } from './records/piece-reach.ts';
import { speakerOf } from './records/speaker.ts';

/*
 * A line longer than 256 KiB is in pieces in the journal, each but the last one marked `continued`. For a search it is
 * one line, which stands where its last piece stands and has its id: so no other line waits for it, and ids rise.
 */

/** Before the first line that is asked for, where none is cut, searches hold more; the oldest are let go of. */
const mostPiecesBefore = 8 * mostPieces;

/** The pieces, so far, of a line that has not ended. */
export interface OpenLine {
  /** Its first piece's. */
  origin: Origin;
  ids: readonly number[];
  texts: readonly Buffer[];
}

/** Lines that have not ended, by their speakers, in the order of their last pieces. */
export type OpenLines = ReadonlyMap<string, OpenLine>;

/** The texts of lines that are in pieces, by their ids. */
export type PiecesById = ReadonlyMap<number, readonly Buffer[]>;

/** The same for lines whose pieces are the same ones of one log. */
export function keyOf(open: OpenLines): string {
  return [...open.values()].map(({ ids }) => ids.join('.')).join();
}

/**
 * A block with each line in pieces as one event, in place of its last piece; and what is open after it. Begins with an
 * origin, and ends with the one in force after the block, as the next slice of it may have none.
 *
 * @param inForce the origin before the block, where that begins with none
 * @param cutFrom no part is cut before this line: the oldest pieces are let go of instead
 * @param lastPieces ids of pieces that say that they go on, and do not: see `lastPiecesIn`
 */
export function joinPieces(
  { bytes, firstId, lastId }: Block,
  before: OpenLines,
  inForce: Origin | undefined,
  cutFrom: number,
  lastPieces: ReadonlySet<number> = none,
): { block: Block; open: OpenLines; pieces: PiecesById } {
  const excerpt = createExcerpt();
  const open = new Map(before);
  const joined = new Map<number, readonly Buffer[]>();
  let pieces = [...open.values()].reduce((sum, { ids }) => sum + ids.length, 0);
  let origin = inForce ?? { time: 0 };
  let speaker = speakerOf(origin);
  visitEvents(bytes, {
    origin(next) {
      origin = next;
      speaker = speakerOf(next);
    },
    line(start, end, frame) {
      const begun = open.get(speaker);
      if (begun === undefined && !origin.continued) {
        excerpt.add(bytes, frame, eventEndAfter(bytes, end), origin);
        return;
      }
      const id = idAt(bytes, frame) ?? 0;
      const line = {
        origin: begun?.origin ?? origin,
        ids: [...(begun?.ids ?? []), id],
        texts: [...(begun?.texts ?? []), Buffer.from(bytes.subarray(start, end))],
      };
      open.delete(speaker);
      pieces++;
      const goesOn = origin.continued === true && !lastPieces.has(id);
      if (goesOn && (pieces < mostPieces || id < cutFrom)) {
        open.set(speaker, line);
        const left = line.ids.length >= mostPieces ? speaker : pieces > mostPiecesBefore ? oldestOf(open) : undefined;
        if (left !== undefined) {
          dropFirst(open, left);
          pieces--;
        }
        return;
      }
      pieces -= line.ids.length;
      joined.set(id, line.texts);
      addTo(excerpt, line, goesOn);
    },
  });
  const whole = Buffer.concat([excerpt.take(), originEvent(origin)]);
  return { block: { bytes: whole, firstId, lastId }, open, pieces: joined };
}

/**
 * Whoever has read up to a line holds the newest pieces of some lines that were not looked at, fewer than `mostPieces`
 * of each. A reading that goes on from there looks at all of these, whatever it has cut before.
 */
function dropFirst(open: Map<string, OpenLine>, speaker: string): void {
  const line = open.get(speaker);
  if (line === undefined) return;
  // In its place: they are in the order of their last pieces.
  if (line.ids.length === 1) open.delete(speaker);
  else open.set(speaker, { ...line, ids: line.ids.slice(1), texts: line.texts.slice(1) });
}

function oldestOf(open: ReadonlyMap<string, OpenLine>): string | undefined {
  return [...open].reduce((a, b) => ((a[1].ids[0] ?? 0) < (b[1].ids[0] ?? 0) ? a : b))[0];
}

const none: ReadonlySet<number> = new Set();

/** Lines as they are, though they have not ended; undefined where there is none. */
export function blockOf(lines: readonly OpenLine[]): Block | undefined {
  const [first, last] = [lines[0], lines.at(-1)].map((line) => line?.ids.at(-1));
  if (first === undefined || last === undefined) return undefined;
  const excerpt = createExcerpt();
  for (const line of lines) addTo(excerpt, line, false);
  return { bytes: excerpt.take(), firstId: first, lastId: last };
}

function addTo(excerpt: Excerpt, { origin: { continued, ...origin }, ids, texts }: OpenLine, goesOn: boolean): void {
  const event = lineEvent(ids.at(-1) ?? 0, texts);
  excerpt.add(event, 0, event.length, { ...origin, firstId: ids[0] ?? 0, ...(goesOn && { part: true }) });
}

function originEvent(origin: Origin): Buffer {
  return Buffer.from(eventText('origin', origin));
}
