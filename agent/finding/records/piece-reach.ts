import type { Block } from '../../frame/block.ts';
import { idAt, visitEvents } from '../../frame/scan.ts';
import type { Journal } from '../../journal/journal.ts';
import type { Origin } from '../../words/line.ts';
import { speakerOf } from './speaker.ts';

/*
 * How far the pieces of a line that is longer than 256 KiB are apart in a journal, and where it begins and ends.
 */

/** What searches hold of lines that have not ended: in more pieces, a line is looked at in parts. */
export const mostPieces = 16;

/** So many lines may stand between two pieces; what comes later is a line of its own. */
export const mostBetween = 10_000;
/** And so many bytes, as those lines may be long as well. */
const mostBytesBetween = 16 * 1024 * 1024;

const continuedMark = Buffer.from('"continued":true');

/** Whether a line of whole events goes on in another piece. */
export function hasPieces(events: Buffer): boolean {
  return events.includes(continuedMark);
}

/** Of a query: each piece is a line, and has nothing to do with the others. */
interface ByPiece {
  isByPiece?: boolean;
}

const none: ReadonlySet<number> = new Set();

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
  { isByPiece }: ByPiece,
  { to, isComplete }: { to: number; isComplete: boolean },
): Promise<ReadonlySet<number>> {
  if (isByPiece || !hasPieces(block.bytes)) return none;
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
  { isByPiece }: ByPiece,
  areWhole?: (from: number, to: number) => boolean,
): Promise<number> {
  const { firstId } = journal;
  const unbroken = id - lines;
  if (isByPiece) return unbroken;
  const farthest = unbroken - mostPieces * mostBetween;
  let start = unbroken;
  let from = id;
  let bytes = 0;
  let areThere = false;
  if (await isWholeBefore(journal, id, Math.max(firstId, start - mostBetween))) return start;
  // Steps back, as lines may be long, until nothing that is seen may go on from farther away.
  for (let step = Math.max(mostPieces, lines); ; step = Math.max(mostPieces, step) * 32) {
    const reach = Math.max(firstId, farthest, start - mostBetween);
    if (from <= reach || bytes >= mostBytesBetween) {
      if (!areThere) noteWhole(journal, { from, to: id - 1, farAt: from > reach ? id : Number.POSITIVE_INFINITY });
      return start;
    }
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

/** Lines that were looked at, of which none is a piece. */
interface WholeLines {
  from: number;
  to: number;
  /** Those before this line, and before any later one, have as many bytes as are looked at. */
  farAt: number;
}

/** The newest ones of each journal: whoever follows it looks back from each line that comes. */
const wholeLines = new WeakMap<Lines, WholeLines>();

function noteWhole(journal: Lines, lines: WholeLines): void {
  if (lines.to > journal.lastId || lines.to < (wholeLines.get(journal)?.to ?? 0)) return;
  wholeLines.set(journal, lines);
}

/** Whether those from `reach` up to line `id` are known for it; what has come since is looked at, unless it is much. */
async function isWholeBefore(journal: Lines, id: number, reach: number): Promise<boolean> {
  const known = wholeLines.get(journal);
  if (known === undefined || id <= known.from || known.to < reach) return false;
  if (known.from > reach && id < known.farAt) return false;
  if (id - 1 > known.to) {
    if (!(await areFewAndWhole(journal, known.to + 1, id - 1))) {
      // Whoever follows would look at all of them again.
      if (wholeLines.get(journal) === known) wholeLines.delete(journal);
      return false;
    }
    noteWhole(journal, { ...known, to: id - 1 });
  }
  return true;
}

async function areFewAndWhole(journal: Lines, from: number, to: number): Promise<boolean> {
  let bytes = 0;
  let areSo = true;
  const look = (events: Buffer) => {
    bytes += events.length;
    areSo = bytes < mostBytesBetween && !hasPieces(events);
    return areSo;
  };
  await eachBlock(journal, from, to, look, () => undefined);
  return areSo;
}

/** Whether there is a line in pieces from `id` on whose first ones are before it. */
export async function isAmidLine(journal: Lines, id: number, query: ByPiece): Promise<boolean> {
  return (await startBefore(journal, id, 0, query)) < id;
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
