import type { Block } from '../frame/block.ts';
import { eventEndAfter, frameStart, idAt, lineAround, visitEvents } from '../frame/scan.ts';
import { slicesOf } from '../frame/slices.ts';
import type { Origin } from '../words/line.ts';
import type { LineQuery } from './line-query.ts';
import { createLineReader, type LineRecord } from './line-reader.ts';
import { compilePattern, type Matcher } from './matcher.ts';
import { createOriginCursor, type OriginCursor } from './origins.ts';
import { isVisibleAsIs, visibleEvents, visibleLine } from './visible.ts';

/** A line's event in a block, and where it comes from. */
export interface Hit {
  id: number;
  /** Where the event is in the block's bytes. */
  start: number;
  end: number;
  origin: Origin;
}

/** The lines that are found in blocks passed in order. A block that begins with no origin is the next slice of the one before. */
export type FindHits = (block: Block) => Iterable<Hit>;

/** So much of a piece is remembered for a match that begins in it and ends in the next one. */
const longestOverlap = 4096;
const continuedMark = Buffer.from('"continued":true');

/** @throws SseTailError kind `usage` where a pattern is none */
export function createFindHits(query: LineQuery, isSelected: (origin: Origin) => boolean): FindHits {
  const pattern = query.pattern && compilePattern(query.pattern);
  const excluded = query.not.map(compilePattern);
  const isExcluded = (visible: string) => excluded.some((matcher) => matcher.test(visible));
  const levels = query.level && new Set(query.level);
  const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = query;
  const reader = levels || query.since !== undefined || query.until !== undefined ? createLineReader() : undefined;
  const overlaps = new Map<string, string>();
  let inForce: Origin | undefined;

  return function* findHits(block) {
    const { bytes } = block;
    const origins = createOriginCursor(bytes, inForce);
    const isJoined = overlaps.size > 0 || inForce?.continued || bytes.includes(continuedMark);
    const isSlow = pattern === undefined || reader !== undefined || isJoined;
    if (isSlow) yield* eachLine(block);
    else yield* searched(block, pattern, origins);
    inForce = origins.last();
  };

  /** Native searches over as much as possible at once; a line is only looked at where there may be one. */
  function* searched(block: Block, matcher: Matcher, origins: OriginCursor): Generator<Hit> {
    const { bytes } = block;
    if (isVisibleAsIs(bytes)) {
      yield* searchedIn(bytes, bytes, 0, matcher, origins);
      return;
    }
    for (const slice of slicesOf(block)) {
      const start = slice.bytes.byteOffset - bytes.byteOffset;
      yield* searchedIn(bytes, slice.bytes, start, matcher, origins);
    }
  }

  function* searchedIn(
    bytes: Buffer,
    slice: Buffer,
    sliceStart: number,
    matcher: Matcher,
    origins: OriginCursor,
  ): Generator<Hit> {
    const visible = visibleEvents(slice);
    let place = sliceStart;
    for (let at = matcher.next(visible, 0); at !== -1; at = matcher.next(visible, at)) {
      const line = lineAround(visible, at);
      if (line === undefined) at = afterLine(visible, at);
      else if (matcher.isExact && at < line.textStart) at = line.textStart;
      else {
        at = line.textEnd + 1;
        if (!isFound(visible, line.textStart, line.textEnd, matcher)) continue;
        const start = visible === slice ? sliceStart + line.start : frameStart(bytes, place, line.id);
        const origin = origins.at(start);
        if (!isSelected(origin)) continue;
        place = start;
        yield { id: line.id, start, end: eventEndAfter(bytes, start), origin };
      }
    }
  }

  function isFound(visible: Buffer, start: number, end: number, matcher: Matcher): boolean {
    if (matcher.isExact && excluded.length === 0) return true;
    const text = visible.toString('utf8', start, end);
    return (matcher.isExact || matcher.test(text)) && !isExcluded(text);
  }

  /** What lines have to do with those before them can only be known by looking at each. */
  function* eachLine({ bytes }: Block): Generator<Hit> {
    const hits: (Hit & { record: LineRecord | undefined })[] = [];
    let origin = inForce ?? { time: 0 };
    let isWanted = isSelected(origin);
    visitEvents(bytes, {
      origin(next) {
        origin = next;
        isWanted = isSelected(origin);
      },
      line(textStart, textEnd, start) {
        if (!isWanted) return;
        const line = bytes.toString('utf8', textStart, textEnd);
        const visible = visibleLine(line);
        const facts = reader?.read(line, visible, origin);
        if (facts !== undefined && (facts.time < since || facts.time > until)) return;
        if (!isHit(visible, origin)) return;
        hits.push({ id: idAt(bytes, start) ?? 0, start, end: textEnd + 2, origin, record: facts?.record });
      },
    });
    for (const hit of hits) if (isOfLevel(hit.record)) yield hit;
  }

  /** To be asked when the record was read as a whole. */
  function isOfLevel(record: LineRecord | undefined): boolean {
    return levels === undefined || (record?.level !== undefined && levels.has(record.level));
  }

  /** A match that goes from one piece of a long line into the next counts for the next one. */
  function isHit(text: string, origin: Origin): boolean {
    const speaker = `${origin.kind ?? ''}:${origin.stream ?? ''}:${origin.source ?? ''}`;
    const before = overlaps.get(speaker);
    if (origin.continued) overlaps.set(speaker, text.slice(-longestOverlap));
    else if (before !== undefined) overlaps.delete(speaker);
    if (isExcluded(text)) return false;
    if (pattern === undefined || pattern.test(text)) return true;
    return before !== undefined && !pattern.test(before) && pattern.test((before + text).normalize('NFC'));
  }
}

function afterLine(bytes: Buffer, at: number): number {
  const end = bytes.indexOf(0x0a, at);
  return end === -1 ? bytes.length : end + 1;
}
