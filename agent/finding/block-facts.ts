import type { Block } from '../frame/block.ts';
import { eventEndAfter, frameStart, lineAround, nextOrigin, originAt, originBefore } from '../frame/scan.ts';
import { slicesOf } from '../frame/slices.ts';
import type { Origin } from '../words/line.ts';
import { createExcerpt } from './excerpt.ts';
import type { Matcher } from './pattern/matcher.ts';
import { joinPieces, keyOf, type OpenLines, type PiecesById } from './pieces.ts';
import { hasPieces } from './records/piece-reach.ts';
import { isVisibleAsIs, visibleEvents } from './visible/visible.ts';

/** A line's event in a block, and where it comes from. */
export interface Hit {
  id: number;
  /** Where the event is in the block's bytes. */
  start: number;
  end: number;
  origin: Origin;
  /** What its event is in, where it is of an earlier block. */
  bytes?: Buffer;
}

/** A line that holds a pattern. */
export interface MatchingLine extends Hit {
  /** As a reader sees it. */
  readonly text: string;
}

/** What searches have to know of a block, found out where one asks for it. */
export interface BlockFacts {
  /** The origin with which it begins; undefined where it is a slice that continues another one. */
  readonly firstOrigin: Origin | undefined;
  /** The origin in force at its end; undefined where a slice has none. */
  readonly lastOrigin: Origin | undefined;
  /** Whether there is a line that is continued in the next one. */
  readonly hasContinued: boolean;
  /** Of a block whose lines were in pieces, see `joined`: some of its ids are of no line of their own. */
  readonly pieces: PiecesById | undefined;
  /**
   * The lines in whose visible text the pattern is.
   *
   * @param inForce the origin before the block, where that is a slice
   */
  linesWith(pattern: NamedMatcher, inForce: Origin | undefined): Iterable<MatchingLine>;
  /** These lines as events of their own, each under its origin; empty where there is none. */
  excerptOf(hits: readonly Hit[]): Buffer;
  /**
   * The block with each line in pieces as one: see `joinPieces`.
   *
   * @param open before the block
   */
  joined(open: OpenLines, inForce: Origin | undefined, cutFrom: number, lastPieces?: ReadonlySet<number>): JoinedBlock;
}

export interface JoinedBlock {
  block: Block;
  facts: BlockFacts;
  /** After the block. */
  open: OpenLines;
}

export interface NamedMatcher {
  /** The same for all that match the same lines. */
  name: string;
  matcher: Matcher;
}

/** @param isAsIs all its lines are known to be seen just as their bytes are: saves looking at each byte */
export function factsOf(block: Block, isAsIs = false): BlockFacts {
  return new FactsOfBlock(block, isAsIs);
}

/** Gone with the block. */
const shared = new WeakMap<Block, BlockFacts>();

/**
 * The same for a block that is announced to many searches: it is looked through once for each pattern, and what
 * several of them find is put together once.
 */
export function sharedFactsOf(block: Block): BlockFacts {
  let facts = shared.get(block);
  if (facts === undefined) {
    facts = new SharedFacts(block, false);
    shared.set(block, facts);
  }
  return facts;
}

const none = Buffer.alloc(0);

class FactsOfBlock implements BlockFacts {
  readonly pieces: PiecesById | undefined;
  readonly #block: Block;
  readonly #isAsIs: boolean;
  #firstOrigin: Origin | undefined | 'unread' = 'unread';
  #lastOrigin: Origin | undefined | 'unread' = 'unread';
  #hasContinued: boolean | undefined;

  constructor(block: Block, isAsIs: boolean, pieces?: PiecesById) {
    this.#block = block;
    this.#isAsIs = isAsIs;
    this.pieces = pieces;
  }

  get firstOrigin(): Origin | undefined {
    if (this.#firstOrigin === 'unread') this.#firstOrigin = originAt(this.#block.bytes, 0)?.origin;
    return this.#firstOrigin;
  }

  get lastOrigin(): Origin | undefined {
    if (this.#lastOrigin === 'unread') {
      const { bytes } = this.#block;
      const at = originBefore(bytes, bytes.length);
      this.#lastOrigin = at === undefined || at === 0 ? this.firstOrigin : originAt(bytes, at)?.origin;
    }
    return this.#lastOrigin;
  }

  get hasContinued(): boolean {
    this.#hasContinued ??= hasPieces(this.#block.bytes);
    return this.#hasContinued;
  }

  /** Native searches over as much as possible at once; a line is only looked at where there may be one. */
  *linesWith({ matcher }: NamedMatcher, inForce: Origin | undefined): Iterable<MatchingLine> {
    const { bytes } = this.#block;
    const origins = createOriginCursor(bytes, inForce);
    if (this.#isAsIs || isVisibleAsIs(bytes)) {
      yield* linesIn(bytes, { visible: bytes, start: 0, isAsIs: true }, matcher, origins);
      return;
    }
    for (const slice of slicesOf(this.#block)) {
      const visible = visibleEvents(slice.bytes);
      const start = slice.bytes.byteOffset - bytes.byteOffset;
      yield* linesIn(bytes, { visible, start, isAsIs: visible === slice.bytes }, matcher, origins);
    }
  }

  excerptOf(hits: readonly Hit[]): Buffer {
    if (hits.length === 0) return none;
    const excerpt = createExcerpt();
    for (const { bytes, start, end, origin } of hits) excerpt.add(bytes ?? this.#block.bytes, start, end, origin);
    return excerpt.take();
  }

  joined(open: OpenLines, inForce: Origin | undefined, cutFrom: number, lastPieces?: ReadonlySet<number>): JoinedBlock {
    const joined = joinPieces(this.#block, open, inForce, cutFrom, lastPieces);
    return { ...joined, facts: this.factsOfJoined(joined.block, joined.pieces) };
  }

  /** Pieces that are seen as they are may be seen otherwise as one: an accent is composed with what is before it. */
  protected factsOfJoined(block: Block, pieces: PiecesById): BlockFacts {
    return new FactsOfBlock(block, false, pieces);
  }
}

class SharedFacts extends FactsOfBlock {
  readonly #firstId: number;
  readonly #lines = new Map<string, readonly MatchingLine[]>();
  readonly #excerpts = new Map<string, Buffer>();
  readonly #joined = new Map<string, JoinedBlock>();

  constructor(block: Block, isAsIs: boolean, pieces?: PiecesById) {
    super(block, isAsIs, pieces);
    this.#firstId = block.firstId;
  }

  override linesWith(pattern: NamedMatcher, inForce: Origin | undefined): Iterable<MatchingLine> {
    // Of a slice it is up to the search what stood before it.
    if (this.firstOrigin === undefined) return super.linesWith(pattern, inForce);
    let lines = this.#lines.get(pattern.name);
    if (lines === undefined) {
      lines = [...super.linesWith(pattern, undefined)];
      this.#lines.set(pattern.name, lines);
    }
    return lines;
  }

  override excerptOf(hits: readonly Hit[]): Buffer {
    if (this.firstOrigin === undefined || hits.length === 0) return super.excerptOf(hits);
    const ids = hits.map(({ id }) => id).join();
    let excerpt = this.#excerpts.get(ids);
    if (excerpt === undefined) {
      excerpt = super.excerptOf(hits);
      this.#excerpts.set(ids, excerpt);
    }
    return excerpt;
  }

  /** Many searches hold the pieces of a long line: they hold the same ones. */
  override joined(
    open: OpenLines,
    inForce: Origin | undefined,
    cutFrom: number,
    lastPieces?: ReadonlySet<number>,
  ): JoinedBlock {
    if (lastPieces !== undefined || cutFrom > this.#firstId) return super.joined(open, inForce, cutFrom, lastPieces);
    const key = `${keyOf(open)} ${inForce === undefined ? '' : JSON.stringify(inForce)}`;
    let joined = this.#joined.get(key);
    if (joined === undefined) {
      joined = super.joined(open, inForce, cutFrom);
      this.#joined.set(key, joined);
    }
    return joined;
  }

  protected override factsOfJoined(block: Block, pieces: PiecesById): BlockFacts {
    return new SharedFacts(block, false, pieces);
  }
}

/** Events of a block from `start` on, as a reader sees them. */
interface VisibleSlice {
  visible: Buffer;
  start: number;
  /** They are the block's own bytes. */
  isAsIs: boolean;
}

function* linesIn(
  bytes: Buffer,
  { visible, start: sliceStart, isAsIs }: VisibleSlice,
  matcher: Matcher,
  origins: OriginCursor,
): Generator<MatchingLine> {
  let place = sliceStart;
  for (let at = matcher.next(visible, 0); at !== -1; at = matcher.next(visible, at)) {
    const line = lineAround(visible, at);
    if (line === undefined) at = afterLine(visible, at);
    else if (matcher.isExact && at < line.textStart) at = line.textStart;
    else {
      const { id, textStart, textEnd } = line;
      at = textEnd + 1;
      if (!matcher.isExact && !matcher.test(visible.toString('utf8', textStart, textEnd))) continue;
      const start = isAsIs ? sliceStart + line.start : frameStart(bytes, place, id);
      place = start;
      yield {
        id,
        start,
        end: isAsIs ? sliceStart + textEnd + lineEnds : eventEndAfter(bytes, start),
        origin: origins.at(start),
        get text() {
          return visible.toString('utf8', textStart, textEnd);
        },
      };
    }
  }
}

/** After a line's text. */
const lineEnds = 2;

function afterLine(bytes: Buffer, at: number): number {
  const end = bytes.indexOf(0x0a, at);
  return end === -1 ? bytes.length : end + 1;
}

/**
 * Says under which origin lines stand, for places in a block that only grow: each origin is looked at once, and only
 * where it matters.
 */
export interface OriginCursor {
  at(place: number): Origin;
}

/** @param inForce of what comes before the block's first origin */
export function createOriginCursor(bytes: Buffer, inForce: Origin | undefined): OriginCursor {
  let start: number | undefined;
  let next = 0;
  let origin = inForce;

  function enter(at: number | undefined): void {
    start = at;
    origin = (at === undefined ? undefined : originAt(bytes, at)?.origin) ?? inForce;
    next = nextOrigin(bytes, at ?? 0) ?? Number.POSITIVE_INFINITY;
  }

  return {
    at(place) {
      if (start === undefined || place >= next) enter(originBefore(bytes, place));
      return origin ?? { time: 0 };
    },
  };
}
