import type { Block } from '../frame/block.ts';
import { eventText, lineEvent } from '../frame/events.ts';
import { eventEndAfter, idAt, visitEvents } from '../frame/scan.ts';
import type { Journal } from '../journal/journal.ts';
import type { Origin } from '../words/line.ts';
import { createExcerpt, type Excerpt } from './excerpt.ts';
import type { KnownLines } from './known-lines.ts';
import { speakerOf } from './records/speaker.ts';

/*
 * A line longer than 256 KiB is in pieces in the journal, each but the last one marked `continued`. For a search it is
 * one line, which stands where its last piece stands and has its id: so no other line waits for it, and ids rise.
 */

/** What searches hold of lines that have not ended: in more pieces, a line is looked at in parts. */
export const mostPieces = 16;

/** The same before the first line that is asked for, where none is cut; the oldest are let go of. */
const mostPiecesBefore = 8 * mostPieces;

/** So many lines may stand between two pieces; what comes later is a line of its own. */
export const mostBetween = 10_000;
/** And so many bytes, as those lines may be long as well. */
const mostBytesBetween = 16 * 1024 * 1024;

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

const continuedMark = Buffer.from('"continued":true');

/** Whether a line of whole events goes on in another piece. */
export function hasPieces(events: Buffer): boolean {
  return events.includes(continuedMark);
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

type Lines = Pick<Journal, 'firstId' | 'lastId' | 'read'>;

/**
 * The pieces of a block that say that they go on, and do not: lines are missing, or too many come, before the next one
 * of their speaker.
 *
 * @param range lines after `to` have no say; `isComplete`: what is not there by now will not be
 */
export async function lastPiecesIn(
  journal: Lines,
  block: Block,
  { to, isComplete }: { to: number; isComplete: boolean },
): Promise<ReadonlySet<number>> {
  if (!hasPieces(block.bytes)) return none;
  const open = new Map<string, number>();
  visitLines(block.bytes, (speaker, id, goesOn) => {
    if (goesOn) open.set(speaker, id);
    else open.delete(speaker);
  });
  const isWaiting = () => open.size > 0 && bytes < mostBytesBetween;
  const limit = Math.min(to, journal.lastId);
  let next = block.lastId + 1;
  let bytes = 0;
  // Most go on right away.
  for (const lines of [1, 99, mostBetween - 100]) {
    if (!isWaiting() || next > limit) break;
    const last = Math.min(limit, next + lines - 1);
    const isWhole = await eachBlock(journal, next, last, (events) => {
      bytes += events.length;
      visitLines(events, (speaker) => open.delete(speaker));
      return isWaiting();
    });
    if (!isWhole) return new Set(open.values());
    next = last + 1;
  }
  const mayGoOn = !isComplete && next > limit && bytes < mostBytesBetween;
  return mayGoOn ? none : new Set(open.values());
}

/**
 * Where to begin to read so that `lines` whole lines before line `id` are among what is read, and all of the lines that
 * go on there. May be before what is kept.
 *
 * @param areWhole saves looking at these lines
 */
export async function startBefore(
  journal: Lines,
  id: number,
  lines: number,
  areWhole?: KnownLines['areWhole'],
): Promise<number> {
  const { firstId } = journal;
  const unbroken = id - lines;
  const farthest = unbroken - mostPieces * mostBetween;
  let start = unbroken;
  let from = id;
  let bytes = 0;
  let areThere = false;
  // Steps back, as lines may be long, until nothing that is seen may go on from farther away.
  for (let step = Math.max(mostPieces, lines); ; step = Math.max(mostPieces, step) * 32) {
    const reach = Math.max(firstId, farthest, start - mostBetween);
    if (from <= reach || bytes >= mostBytesBetween) return start;
    const to = from - 1;
    if (areWhole?.(reach, to)) return start;
    // Not many more bytes than that, if these lines are as long as those that were seen.
    const room = from === id ? step : Math.ceil(((mostBytesBetween - bytes) * (id - from)) / Math.max(1, bytes));
    from = Math.max(reach, from - Math.min(step, Math.max(room, mostPieces)));
    await eachBlock(
      journal,
      from,
      to,
      (events) => {
        bytes += events.length;
        areThere ||= hasPieces(events);
        return true;
      },
      () => undefined,
    );
    if (areThere) start = Math.min(unbroken, await firstOf(journal, from, id, lines));
  }
}

/** Whether there is a line in pieces from `id` on whose first ones are before it. */
export async function isAmidLine(journal: Lines, id: number): Promise<boolean> {
  return (await startBefore(journal, id, 0)) < id;
}

/** Id of the first piece of the `lines`-th line before line `id`, or of what is open there, as far as they are seen. */
async function firstOf(journal: Lines, from: number, id: number, lines: number): Promise<number> {
  /** The first pieces of lines that have ended. */
  const ended: number[] = [];
  const open = new Map<string, { first: number; last: number }>();
  const visit = (events: Buffer) => {
    visitLines(events, (speaker, at, goesOn) => {
      const first = open.get(speaker)?.first ?? at;
      if (goesOn) open.set(speaker, { first, last: at });
      else {
        open.delete(speaker);
        ended.push(first);
      }
    });
    return true;
  };
  await eachBlock(journal, from, id - 1, visit, () => {
    for (const { first } of open.values()) ended.push(first);
    open.clear();
  });
  const asked = lines === 0 ? [] : ended.slice(-lines);
  const near = [...open.values()].filter(({ last }) => last >= id - mostBetween);
  return Math.min(id, ...asked, ...near.map(({ first }) => first));
}

function visitLines(events: Buffer, visit: (speaker: string, id: number, goesOn: boolean) => void): void {
  let origin: Origin = { time: 0 };
  let speaker = speakerOf(origin);
  visitEvents(events, {
    origin(next) {
      origin = next;
      speaker = speakerOf(next);
    },
    line: (_start, _end, frame) => visit(speaker, idAt(events, frame) ?? 0, origin.continued === true),
  });
}

/**
 * @param visit returns whether to read on
 * @param missing is called where lines are missing; without it the reading ends there. Returns whether it did not
 */
async function eachBlock(
  journal: Lines,
  from: number,
  to: number,
  visit: (events: Buffer) => boolean,
  missing?: () => void,
): Promise<boolean> {
  const cursor = journal.read(from, to);
  try {
    for (let reading = await cursor.next(); reading !== undefined; reading = await cursor.next()) {
      if (reading.type === 'gap') {
        if (missing === undefined) return false;
        missing();
        continue;
      }
      const goesOn = visit(reading.bytes);
      reading.release();
      if (!goesOn) break;
    }
    return true;
  } finally {
    cursor.close();
  }
}
