import { frameText } from '../frame/events.ts';
import { eventEndAfter, idAt, visitEvents } from '../frame/scan.ts';
import type { Journal } from '../journal/journal.ts';
import type { Origin } from '../words/line.ts';
import { factsOf } from './block-facts.ts';
import { createExcerpt } from './excerpt.ts';
import type { KnownLines } from './known-lines.ts';
import type { BlockFinder, Found, LineFinder } from './line-finder.ts';
import { type LineQuery, reachBefore, recordLines } from './line-query.ts';
import { compilePattern, type Matcher } from './pattern/matcher.ts';
import { createLineJoiner, type LineJoiner, type LongLine, type Piece, pieceReach } from './records/long-lines.ts';
import { visibleLine } from './visible/visible.ts';

export interface WholeLinesOptions {
  /** Lines before this one are only looked at for what they say about later ones. */
  firstId: number;
  /** The first line that is asked for, where that is before: a line that begins in between was found already. */
  askedFrom?: number | undefined;
  /** Lines before this one are no matches, but may come with one. */
  firstMatch?: number | undefined;
  /** Later ones are not sent: they are read for the rest of a line that begins before. */
  lastId?: number | undefined;
  areVisibleAsIs?: KnownLines['areVisibleAsIs'] | undefined;
  /** A long line that is found is one event, and not its pieces. */
  areWhole?: boolean | undefined;
  /** False where each piece is asked for as it is. */
  joins?: boolean | undefined;
}

const nothing = Buffer.alloc(0);

/**
 * Finds lines also where they are in pieces. All pieces of one that is found are sent, and it counts once; those in
 * which nothing of the pattern ends come as context.
 */
export function wholeLines(finder: BlockFinder, query: LineQuery, options: WholeLinesOptions): LineFinder {
  const { firstId, lastId = Number.POSITIVE_INFINITY, areVisibleAsIs, areWhole = false, joins = true } = options;
  const joiner = createLineJoiner({ firstId: options.askedFrom ?? firstId, firstMatch: options.firstMatch, lastId });
  const matcher = query.pattern && compilePattern(query.pattern);
  /** Lines so far before a block may still be asked for. */
  const reach = reachBefore(query) + query.after + 2 * recordLines;
  let sentId = firstId - 1;

  function sent(found: Found): Found {
    if (found.bytes.length === 0 || !joiner.hasLines) return found;
    const made = areWhole
      ? { ...found, ...withLastIds(found, joiner) }
      : { ...found, ...inPieces(found.bytes, joiner, matcher, { firstId: sentId + 1, lastId }) };
    sentId = Math.max(sentId, made.lastLine);
    return made;
  }

  /** A client that has some pieces of a line has all of them, or none. */
  function safeIdIn(): number {
    const { safeId } = finder;
    const line = joiner.lineAround(safeId);
    if (line === undefined) return safeId;
    return line.lastId <= sentId ? line.lastId : line.firstId - 1;
  }

  return {
    take(block, most, facts = factsOf(block, areVisibleAsIs?.(block.firstId, block.lastId))) {
      if (joiner.hasLines) joiner.forget(block.firstId - pieceReach - reach);
      const joined = joins ? joiner.join(block, facts.hasPieces) : block;
      if (joined === block) return sent(finder.take(block, most, facts));
      if (joined === undefined) return { bytes: nothing, matches: 0, lastLine: 0, lastId: block.lastId };
      const found = sent(finder.take(joined, most));
      return found.lastId === joined.lastId ? { ...found, lastId: block.lastId } : found;
    },
    end(most) {
      const joined = joiner.end();
      return joined === undefined
        ? { bytes: nothing, matches: 0, lastLine: 0, lastId: 0 }
        : sent(finder.take(joined, most));
    },
    moveTo(id, stampBefore) {
      joiner.reset();
      finder.moveTo(id, stampBefore);
    },
    get isHolding() {
      return joiner.isHolding;
    },
    get isHoldingOthers() {
      return joiner.isHoldingOthers;
    },
    get amidContextOf() {
      return finder.amidContextOf;
    },
    get safeId() {
      return Math.max(firstId - 1, Math.min(safeIdIn(), joiner.heldFrom - 1));
    },
  };
}

/** Lines that were found, those that are joined as the pieces that they are in the journal. */
function inPieces(
  events: Buffer,
  joiner: Pick<LineJoiner, 'lineOf'>,
  matcher: Matcher | undefined,
  range: { firstId: number; lastId: number },
): Pick<Found, 'bytes' | 'lastLine'> | undefined {
  const found: FoundEvent[] = [];
  let origin: Origin = { time: 0 };
  let isAsIs = true;
  visitEvents(events, {
    origin(next) {
      origin = next;
    },
    line(start, textEnd, frame) {
      const id = idAt(events, frame) ?? 0;
      const line = joiner.lineOf(id);
      if (line === undefined) {
        // What stands between the pieces of a line that was sent may be asked for later: then it is too late.
        if (id < range.firstId) isAsIs = false;
        else found.push({ id, bytes: events, start: frame, end: eventEndAfter(events, textEnd), origin });
        return;
      }
      isAsIs = false;
      for (const piece of piecesOf(line, events, start, origin, matcher))
        if (piece.id >= range.firstId && piece.id <= range.lastId) found.push(piece);
    },
  });
  if (isAsIs) return undefined;
  // Lines of others may stand between the pieces.
  found.sort((a, b) => a.id - b.id);
  const excerpt = createExcerpt();
  for (const { bytes, start, end, origin } of found) excerpt.add(bytes, start, end, origin);
  return { bytes: excerpt.take(), lastLine: found.at(-1)?.id ?? 0 };
}

/** Lines that were found, those that are joined as they are. */
function withLastIds(
  { bytes, lastLine }: Found,
  joiner: Pick<LineJoiner, 'lineOf'>,
): Pick<Found, 'bytes' | 'lastLine'> {
  const excerpt = createExcerpt();
  let origin: Origin = { time: 0 };
  let last = lastLine;
  visitEvents(bytes, {
    origin(next) {
      origin = next;
    },
    line(_start, textEnd, frame) {
      const lastId = joiner.lineOf(idAt(bytes, frame) ?? 0)?.pieces.at(-1)?.id;
      last = Math.max(last, lastId ?? 0);
      excerpt.add(bytes, frame, eventEndAfter(bytes, textEnd), lastId === undefined ? origin : { ...origin, lastId });
    },
  });
  return { bytes: excerpt.take(), lastLine: last };
}

interface FoundEvent {
  id: number;
  bytes: Buffer;
  start: number;
  end: number;
  origin: Origin;
}

/** @param start where the joined text begins */
function piecesOf(
  { overlap, pieces }: LongLine,
  events: Buffer,
  start: number,
  of: Origin,
  matcher: Matcher | undefined,
): FoundEvent[] {
  const texts = textsOf(events, start + overlap, pieces);
  const isMatch = of.context || matcher === undefined ? () => true : matchesIn(texts, matcher);
  return pieces.map(({ id, origin }, i) => {
    const [head, end] = frameText(id);
    const bytes = Buffer.concat([Buffer.from(head), texts[i] as Buffer, Buffer.from(end)]);
    const own: Origin = { ...of, time: origin.time };
    if (origin.continued) own.continued = true;
    if (!isMatch(i)) own.context = true;
    return { id, bytes, start: 0, end: bytes.length, origin: own };
  });
}

function textsOf(events: Buffer, start: number, pieces: readonly Piece[]): Buffer[] {
  let end = start;
  return pieces.map(({ length }) => {
    end += length;
    return events.subarray(end - length, end);
  });
}

/** So much of a piece is looked at for a match that begins in it and ends in the next one. */
const longestOverlap = 4096;

/** In which pieces of a line that is found a match ends; in the first one where none does by itself. */
function matchesIn(texts: readonly Buffer[], { test }: Matcher): (at: number) => boolean {
  let before = '';
  const found = texts.map((bytes) => {
    const text = visibleLine(bytes.toString('utf8'));
    const isFound = test(text) || (before !== '' && !test(before) && test((before + text).normalize('NFC')));
    before = text.slice(-longestOverlap);
    return isFound;
  });
  return (at) => (found.includes(true) ? found[at] === true : at === 0);
}

/**
 * The rest of the lines that go on after line `to`, up to which blocks were passed: what is found then.
 *
 * @param isLast nothing comes after the journal's last line: what is there of a line is all of it
 */
export async function* foundAtEnd(
  journal: Pick<Journal, 'read' | 'lastId'>,
  finder: LineFinder,
  { to, most, isLast }: { to: number; most: number; isLast: boolean },
): AsyncGenerator<Found> {
  if (!finder.isHolding) return;
  let left = most;
  const isAskedFor = () => left > 0 || finder.amidContextOf !== undefined;
  const end = Math.min(to + pieceReach, journal.lastId);
  const cursor = journal.read(to + 1, end);
  try {
    while (finder.isHolding && isAskedFor() && to < end) {
      const reading = await cursor.next();
      if (reading === undefined) break;
      if (reading.type === 'gap') continue;
      const found = finder.take(reading, left);
      reading.release();
      left -= found.matches;
      yield found;
    }
  } finally {
    cursor.close();
  }
  if (isAskedFor() && (isLast || to < journal.lastId)) yield finder.end(left);
}
