import type { Block } from '../frame/block.ts';
import { eventEndAfter, frameStart, idAt, lineAround, originAt, visitEvents } from '../frame/scan.ts';
import { slicesOf } from '../frame/slices.ts';
import type { Level } from '../text/level.ts';
import type { Origin } from '../words/line.ts';
import type { KnownLevels } from './known-levels.ts';
import type { LineQuery } from './line-query.ts';
import { createLineReader, type LineRecord } from './line-reader.ts';
import { createOriginCursor, type OriginCursor } from './origins.ts';
import { compilePattern, type Matcher } from './pattern/matcher.ts';
import { isVisibleAsIs, visibleEvents, visibleLine } from './visible.ts';

/** A line's event in a block, and where it comes from. */
export interface Hit {
  id: number;
  /** Where the event is in the block's bytes. */
  start: number;
  end: number;
  origin: Origin;
}

/**
 * The lines that are found in blocks passed in order. A block that begins with no origin is the next slice of the one
 * before.
 */
export type FindHits = (block: Block) => Iterable<Hit>;

/** Events of a block from `start` on, as a reader sees them. */
interface VisibleSlice {
  visible: Buffer;
  start: number;
  /** They are the block's own bytes. */
  isAsIs: boolean;
}

/** So much of a piece is remembered for a match that begins in it and ends in the next one. */
const longestOverlap = 4096;
const continuedMark = Buffer.from('"continued":true');

/**
 * @param known the levels of all lines of the blocks that will be passed, where somebody knows them
 * @param areVisibleAsIs saves looking at each byte
 * @throws SseTailError kind `usage` where a pattern is none
 */
export function createFindHits(
  query: LineQuery,
  isSelected: (origin: Origin) => boolean,
  known?: KnownLevels,
  areVisibleAsIs: KnownLevels['areVisibleAsIs'] = () => false,
): FindHits {
  const pattern = query.pattern && compilePattern(query.pattern);
  const excluded = query.not.map(compilePattern);
  const required = (query.also ?? []).map(compilePattern);
  const isExcluded = (visible: string) =>
    excluded.some((matcher) => matcher.test(visible)) || required.some((matcher) => !matcher.test(visible));
  const mayExclude = excluded.length + required.length > 0;
  const levels = query.level && new Set(query.level);
  const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = query;
  const reader = needsReader(query, known) ? createLineReader() : undefined;
  const overlaps = new Map<string, string>();
  let inForce: Origin | undefined;
  let before: OriginCursor | undefined;

  return function* findHits(block) {
    const { bytes } = block;
    // Asked for only where the block is a slice: then the one before is still there.
    inForce = originAt(bytes, 0) === undefined ? before?.last() : undefined;
    const origins = createOriginCursor(bytes, inForce);
    before = origins;
    const isJoined = overlaps.size > 0 || inForce?.continued || bytes.includes(continuedMark);
    if (reader !== undefined || isJoined) yield* eachLine(block);
    else if (pattern !== undefined) yield* searched(block, pattern, origins);
    else if (levels !== undefined && known !== undefined) yield* ofLevel(block, levels, known, origins);
    else yield* eachLine(block);
  };

  /** Native searches over as much as possible at once; a line is only looked at where there may be one. */
  function* searched(block: Block, matcher: Matcher, origins: OriginCursor): Generator<Hit> {
    const { bytes } = block;
    if (areVisibleAsIs(block.firstId, block.lastId) || isVisibleAsIs(bytes)) {
      yield* searchedIn(bytes, { visible: bytes, start: 0, isAsIs: true }, matcher, origins);
      return;
    }
    for (const slice of slicesOf(block)) {
      const visible = visibleEvents(slice.bytes);
      const start = slice.bytes.byteOffset - bytes.byteOffset;
      yield* searchedIn(bytes, { visible, start, isAsIs: visible === slice.bytes }, matcher, origins);
    }
  }

  function* searchedIn(
    bytes: Buffer,
    { visible, start: sliceStart, isAsIs }: VisibleSlice,
    matcher: Matcher,
    origins: OriginCursor,
  ): Generator<Hit> {
    let place = sliceStart;
    for (let at = matcher.next(visible, 0); at !== -1; at = matcher.next(visible, at)) {
      const line = lineAround(visible, at);
      if (line === undefined) at = afterLine(visible, at);
      else if (matcher.isExact && at < line.textStart) at = line.textStart;
      else {
        at = line.textEnd + 1;
        if (!isFound(visible, line.textStart, line.textEnd, matcher)) continue;
        const start = isAsIs ? sliceStart + line.start : frameStart(bytes, place, line.id);
        const origin = origins.at(start);
        if (!isSelected(origin) || !isKnownLevel(line.id)) continue;
        place = start;
        yield { id: line.id, start, end: eventEndAfter(bytes, start), origin };
      }
    }
  }

  /** Lines whose level is known are found without looking at any other. */
  function* ofLevel(
    { bytes, firstId, lastId }: Block,
    wanted: ReadonlySet<Level>,
    { isOf }: KnownLevels,
    origins: OriginCursor,
  ): Generator<Hit> {
    let place = 0;
    for (let id = firstId; id <= lastId; id++) {
      if (!isOf(wanted, id)) continue;
      const start = frameStart(bytes, place, id);
      const origin = origins.at(start);
      place = start;
      if (!isSelected(origin)) continue;
      const end = eventEndAfter(bytes, start);
      if (mayExclude) {
        const { textStart = start, textEnd = end } = lineAround(bytes, end - 3) ?? {};
        if (isExcluded(visibleLine(bytes.toString('utf8', textStart, textEnd)))) continue;
      }
      yield { id, start, end, origin };
    }
  }

  function isKnownLevel(id: number): boolean {
    return levels === undefined || known === undefined || known.isOf(levels, id);
  }

  function isFound(visible: Buffer, start: number, end: number, matcher: Matcher): boolean {
    if (matcher.isExact && !mayExclude) return true;
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
    for (const hit of hits) if (hit.record === undefined ? isKnownLevel(hit.id) : isOfLevel(hit.record)) yield hit;
  }

  /** To be asked when the record was read as a whole. */
  function isOfLevel(record: LineRecord): boolean {
    return levels === undefined || (record.level !== undefined && levels.has(record.level));
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

/** Levels and times depend on the lines before; levels may be known without reading them. */
function needsReader({ level, since, until }: LineQuery, known: KnownLevels | undefined): boolean {
  return since !== undefined || until !== undefined || (level !== undefined && known === undefined);
}

function afterLine(bytes: Buffer, at: number): number {
  const end = bytes.indexOf(0x0a, at);
  return end === -1 ? bytes.length : end + 1;
}
