import type { Block } from '../frame/block.ts';
import { eventEndAfter, frameStart, idAt, lineAround, visitEvents } from '../frame/scan.ts';
import type { Level } from '../text/level.ts';
import type { Origin } from '../words/line.ts';
import {
  type BlockFacts,
  createOriginCursor,
  factsOf,
  type Hit,
  type NamedMatcher,
  type OriginCursor,
} from './block-facts.ts';
import type { KnownLines, StampFinder } from './known-lines.ts';
import { type LineQuery, recordLines } from './line-query.ts';
import { compilePattern } from './pattern/matcher.ts';
import type { TextPattern } from './pattern/text-pattern.ts';
import type { PiecesById } from './pieces.ts';
import { createLineReader, type LineFacts, type LineReader, type LineRecord } from './records/line-reader.ts';
import { visibleLine } from './visible/visible.ts';

/** Finds lines in blocks that are passed in order. */
export interface HitFinder {
  /**
   * The lines that are found in a block; before them lines of earlier blocks whose records have only now said a level.
   * A block that begins with no origin is the next slice of the one before. `facts` are the block's, where others need
   * them, too.
   */
  find(block: Block, facts?: BlockFacts): Iterable<Hit>;
  /**
   * The next block is from elsewhere in the log. Lines before line `id` are known not to be found: they are read for
   * what they say about later ones.
   */
  moveTo(id: number, stampBefore: StampFinder): void;
  /**
   * The first line that may be found yet, by what its record says in a later block, of those that are near enough;
   * infinite where there is none.
   */
  readonly undecidedFrom: number;
  /** So many lines before a block may be found in it at most. */
  readonly reachBack: number;
}

/** So much of a piece is remembered for a match that begins in it and ends in the next one. */
const longestOverlap = 4096;

/**
 * @param known the levels of all lines of the blocks that will be passed, where somebody knows them
 * @param areVisibleAsIs saves looking at each byte
 * @param stampBefore what was said before the first block
 * @throws SseTailError kind `usage` where a pattern is none
 */
export function createHitFinder(
  query: LineQuery,
  isSelected: (origin: Origin) => boolean,
  known?: KnownLines,
  areVisibleAsIs: KnownLines['areVisibleAsIs'] = () => false,
  stampBefore: StampFinder = () => undefined,
): HitFinder {
  const pattern = query.pattern && named(query.pattern);
  const excluded = query.not.map(compilePattern);
  const required = (query.also ?? []).map(compilePattern);
  const isExcluded = (visible: string) =>
    excluded.some((matcher) => matcher.test(visible)) || required.some((matcher) => !matcher.test(visible));
  const mayExclude = excluded.length + required.length > 0;
  const levels = query.level && new Set(query.level);
  const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = query;
  const readerAfter = (before: StampFinder) =>
    createLineReader({
      looksForLevels: levels !== undefined && known === undefined,
      stampBefore: (speaker) => before(speaker, idOfLine()),
    });
  let reader = needsReader(query, known) ? readerAfter(stampBefore) : undefined;
  let idOfLine = () => 0;
  const overlaps = new Map<string, string>();
  const mayGoOn: LineReader['mayGoOn'] = (record, origin) => reader?.mayGoOn(record, origin) === true;
  const undecided = levels !== undefined && known === undefined ? createUndecided(mayGoOn) : undefined;
  /** Before the block that is looked through: matters where that is a slice. */
  let inForce: Origin | undefined;
  let before: BlockFacts | undefined;
  /** Without what comes before it, the time of a line that says none is not known. */
  let firstFound = 0;

  function* find(
    block: Block,
    facts = factsOf(block, areVisibleAsIs(block.firstId, block.lastId)),
  ): Generator<Hit, void, undefined> {
    const { bytes } = block;
    // Asked for only where the block is a slice: then the one before is still there.
    inForce = facts.firstOrigin === undefined ? (before?.lastOrigin ?? inForce) : undefined;
    before = facts;
    const isJoined = overlaps.size > 0 || inForce?.continued || facts.hasContinued || facts.pieces !== undefined;
    if (reader !== undefined || isJoined) yield* eachLine(block, facts.pieces);
    else if (pattern !== undefined) yield* searched(facts, pattern);
    else if (levels !== undefined && known !== undefined) {
      yield* ofLevel(block, levels, known, createOriginCursor(bytes, inForce));
    } else yield* eachLine(block, facts.pieces);
  }

  function* searched(facts: BlockFacts, named: NamedMatcher): Generator<Hit> {
    for (const line of facts.linesWith(named, inForce)) {
      if (mayExclude && isExcluded(line.text)) continue;
      if (isSelected(line.origin) && isKnownLevel(line.id)) yield line;
    }
  }

  /** Lines whose level is known are found without looking at any other. */
  function* ofLevel(
    { bytes, firstId, lastId }: Block,
    wanted: ReadonlySet<Level>,
    { isOf }: KnownLines,
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

  /** What lines have to do with those before them can only be known by looking at each. */
  function* eachLine({ bytes, lastId }: Block, pieces: PiecesById | undefined): Generator<Hit> {
    const hits: RecordHit[] = [];
    let origin = inForce ?? { time: 0 };
    let isWanted = isSelected(origin);
    let at = 0;
    idOfLine = () => idAt(bytes, at) ?? 0;
    visitEvents(bytes, {
      origin(next) {
        origin = next;
        isWanted = isSelected(origin);
      },
      line(textStart, textEnd, start) {
        if (!isWanted) return;
        const line = bytes.toString('utf8', textStart, textEnd);
        const visible = visibleLine(line);
        at = start;
        const facts = reader && readLine(reader, line, visible, origin, pieces?.get(idOfLine()));
        if (facts !== undefined && (facts.time < since || facts.time > until)) return;
        if (!isHit(visible, origin)) return;
        const id = idAt(bytes, start) ?? 0;
        if (id >= firstFound) hits.push({ id, start, end: textEnd + 2, origin, record: facts?.record });
      },
    });
    for (const hit of undecided?.settle(bytes, hits, lastId) ?? []) if (isOfLevel(hit.record)) yield hit;
    // What is known was found out from all lines of a record, and not only from those of this block.
    for (const hit of hits)
      if (known !== undefined || hit.record === undefined ? isKnownLevel(hit.id) : isOfLevel(hit.record)) yield hit;
  }

  /** To be asked when the record was read as a whole, or said its level. */
  function isOfLevel(record: LineRecord): boolean {
    return levels === undefined || (record.level !== undefined && levels.has(record.level));
  }

  /** A match that goes from one piece of a long line into the next counts for the next one. */
  function isHit(text: string, origin: Origin): boolean {
    const speaker = `${origin.kind ?? ''}:${origin.stream ?? ''}:${origin.source ?? ''}`;
    const before = overlaps.get(speaker);
    if (origin.continued || origin.part) overlaps.set(speaker, text.slice(-longestOverlap));
    else if (before !== undefined) overlaps.delete(speaker);
    if (isExcluded(text)) return false;
    if (pattern === undefined || pattern.matcher.test(text)) return true;
    const { matcher } = pattern;
    return before !== undefined && !matcher.test(before) && matcher.test((before + text).normalize('NFC'));
  }

  return {
    find,
    moveTo(id, before) {
      firstFound = id;
      overlaps.clear();
      if (reader !== undefined) reader = readerAfter(before);
    },
    get undecidedFrom() {
      return undecided?.firstId ?? Number.POSITIVE_INFINITY;
    },
    reachBack: undecided === undefined ? 0 : mostUndecided,
  };
}

/** A line in pieces is read piece by piece, as it is where somebody remembers what lines say. */
function readLine(
  reader: LineReader,
  line: string,
  visible: string,
  origin: Origin,
  pieces: readonly Buffer[] | undefined,
): LineFacts {
  if (pieces === undefined) return reader.read(line, visible, origin);
  const [facts] = pieces.map((piece, at) => {
    const text = piece.toString();
    const goesOn = at < pieces.length - 1 || origin.part === true;
    return reader.read(text, visibleLine(text), goesOn ? { ...origin, continued: true } : origin);
  });
  return facts as LineFacts;
}

/** A line that fulfills all but what its record has a say in. */
interface RecordHit extends Hit {
  record: LineRecord | undefined;
}

/** More lines, or bytes of them, are not held for what their record may say yet. */
const mostUndecided = 200;
const mostUndecidedBytes = 1024 * 1024;

/** Lines of earlier blocks whose records may say a level yet. */
interface Undecided {
  /** Of those that are near enough to the last line for whoever resumes to read all from there on. */
  readonly firstId: number;
  /**
   * Takes the lines of the next block, up to line `lastId`. Returns those of earlier ones whose record has said its
   * level, in order.
   */
  settle(bytes: Buffer, hits: readonly RecordHit[], lastId: number): (Hit & { record: LineRecord })[];
}

function createUndecided(mayGoOn: LineReader['mayGoOn']): Undecided {
  let lines: (Hit & { record: LineRecord; bytes: Buffer })[] = [];
  let lookedTo = 0;

  function drop(): void {
    let held = 0;
    const first = lines.findLastIndex(({ bytes }, at) => {
      held += bytes.length;
      return lines.length - at > mostUndecided || held > mostUndecidedBytes;
    });
    lines.splice(0, first + 1);
  }

  return {
    get firstId() {
      return lines.find(({ id }) => id > lookedTo - recordLines)?.id ?? Number.POSITIVE_INFINITY;
    },
    settle(bytes, hits, lastId) {
      lookedTo = lastId;
      const decided = lines.filter(({ record }) => record.level !== undefined);
      if (lines.length > 0) {
        lines = lines.filter(({ record, origin }) => record.level === undefined && mayGoOn(record, origin));
      }
      for (const { record, start, end, ...hit } of hits) {
        if (record === undefined || record.level !== undefined || !mayGoOn(record, hit.origin)) continue;
        const own = Buffer.from(bytes.subarray(start, end));
        lines.push({ ...hit, record, start: 0, end: own.length, bytes: own });
      }
      drop();
      return decided;
    },
  };
}

/** Levels and times depend on the lines before; levels may be known without reading them. */
function needsReader({ level, since, until }: LineQuery, known: KnownLines | undefined): boolean {
  return since !== undefined || until !== undefined || (level !== undefined && known === undefined);
}

function named(pattern: TextPattern): NamedMatcher {
  const { text, isRegex, case: caseRule, isWord, isValue } = pattern;
  return { name: JSON.stringify([text, isRegex, caseRule, isWord, isValue]), matcher: compilePattern(pattern) };
}
