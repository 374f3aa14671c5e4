import type { Block } from '../../frame/block.ts';
import { eventText, frameText } from '../../frame/events.ts';
import { dataField } from '../../frame/fields.ts';
import { eventEndAfter, idAt, nextOrigin, originAt, originBefore } from '../../frame/scan.ts';
import type { Origin } from '../../words/line.ts';
import { visibleLine } from '../visible/visible.ts';
import { speakerOf } from './speaker.ts';

/*
 * A line that was too long for one is several in the journal: pieces, each but the last one `continued`. Searches are
 * about the line: here its pieces become one again.
 */

/**
 * From its first piece to its last one a line has at most so many ids, of others' lines between its pieces too: that is
 * 4 MiB of it where nobody else spoke. A longer one is cut where an id divides by it: wherever the reading begins, the
 * parts are the same ones.
 */
const longestLine = 16;

/**
 * From so many lines before one on it is known how its line begins, and up to so many after it how it ends; no line
 * waits for more of them.
 */
export const pieceReach = 2 * longestLine;

/** Of a part, so much of the one before stands before its text: what is found may go from one into the other. */
const overlapLength = 4096;

/** Lines of the journal, the pieces of each long one together under the id of one of them: other ids are left out. */
export interface JoinedBlock extends Block {
  isJoined: true;
}

/** A piece of a line, for those who put the line's event apart again. */
export interface Piece {
  id: number;
  origin: Origin;
  /** Bytes of its text. */
  length: number;
}

/** What a joined line is made of: its text is `overlap` bytes of the part before, and then that of its pieces. */
export interface LongLine {
  overlap: number;
  pieces: readonly Piece[];
}

export interface LineJoiner {
  /** The next block would be of other lines than it holds: it waits for the rest of a line. */
  readonly isHolding: boolean;
  /** Lines that are complete wait as well. */
  readonly isHoldingOthers: boolean;
  /** The first line that was not passed on; infinite where all were. */
  readonly heldFrom: number;
  /**
   * Takes the next block, or the next slice of one. Returns all lines that are complete up to the first one that is
   * not: the block itself where none is in pieces, undefined where all wait.
   */
  join(block: Block, hasPieces?: boolean): Block | JoinedBlock | undefined;
  /** No more comes: what is there of each line is all of it. */
  end(): JoinedBlock | undefined;
  /** Whether one of the lines that may be asked for was in pieces. */
  readonly hasLines: boolean;
  /** The line that stands under this id, where it was in pieces. */
  lineOf(id: number): LongLine | undefined;
  /** One that was in pieces, this one and a later one among them. */
  lineAround(id: number): { firstId: number; lastId: number } | undefined;
  /** Nobody asks for lines before this one any more. */
  forget(id: number): void;
  /** The next block is from elsewhere. */
  reset(): void;
}

export interface JoinedRange {
  /** A line of which pieces are before this one stands under the id of the first one that is not. */
  firstId?: number;
  /** One that ends before that stands under the id of its first piece from this one on. */
  firstMatch?: number | undefined;
  /** Lines that begin after this one are only read for the rest of those before. */
  lastId?: number;
}

const continuedMark = Buffer.from('"continued":true');

/** Whether there may be a line that is continued in the next one. */
export function hasPieces({ bytes }: Block): boolean {
  return bytes.includes(continuedMark);
}

interface Part extends Piece {
  bytes: Buffer;
  start: number;
  /** Undefined until it is known what else is of its line. */
  line: DecidedLine | undefined;
}

interface DecidedLine extends LongLine {
  lastId: number;
  overlapText: Buffer;
  pieces: readonly Part[];
}

/** Whole events of lines that are none of pieces, the first of them under `origin`. */
interface Run {
  id: number;
  origin: Origin;
  bytes: Buffer;
  start: number;
  end: number;
}

interface OpenLine {
  firstId: number;
  lastId: number;
  held: Part[];
  overlapText: Buffer;
}

const none = Buffer.alloc(0);

export function createLineJoiner(range: JoinedRange = {}): LineJoiner {
  return new Joiner(range);
}

class Joiner implements LineJoiner {
  readonly #firstId: number;
  readonly #firstMatch: number;
  readonly #lastId: number;
  readonly #open = new Map<string, OpenLine>();
  /** In the order of their ids, from the first line on that waits. */
  #entries: (Part | Run)[] = [];
  readonly #lines = new Map<number, LongLine>();
  /** The first line that was not passed on, and the one after the last block. */
  #nextId = 0;
  #endId = 0;
  #before: Block | undefined;
  /** The origin before a slice. */
  #inForce: Origin | undefined;
  /** The next slice does not go on where what was passed on ends. */
  #isApart = false;

  constructor({ firstId = 1, firstMatch = 1, lastId = Number.POSITIVE_INFINITY }: JoinedRange) {
    this.#firstId = firstId;
    this.#firstMatch = firstMatch;
    this.#lastId = lastId;
  }

  get isHolding(): boolean {
    return this.#open.size > 0;
  }

  get isHoldingOthers(): boolean {
    return this.#entries.some((entry) => 'end' in entry || entry.line !== undefined);
  }

  get heldFrom(): number {
    return this.#entries[0]?.id ?? Number.POSITIVE_INFINITY;
  }

  join(block: Block, isInPieces = hasPieces(block)): Block | JoinedBlock | undefined {
    if (this.#entries.length === 0) this.#nextId = block.firstId;
    const isSlice = idAt(block.bytes, 0) !== undefined;
    // The one before is still there.
    if (isSlice) this.#inForce = lastOriginOf(this.#before) ?? this.#inForce;
    this.#before = block;
    this.#endId = block.lastId + 1;
    if (this.#open.size === 0 && !isInPieces && !(isSlice && this.#isApart)) {
      this.#isApart = false;
      return block;
    }
    this.#isApart = true;
    this.#take(block.bytes);
    return this.#pass(block);
  }

  end(): JoinedBlock | undefined {
    this.#settleAll();
    return this.#pass(undefined);
  }

  get hasLines(): boolean {
    return this.#lines.size > 0;
  }

  lineOf(id: number): LongLine | undefined {
    return this.#lines.get(id);
  }

  lineAround(id: number): { firstId: number; lastId: number } | undefined {
    for (const { pieces } of this.#lines.values()) {
      const firstId = pieces[0]?.id ?? 0;
      const lastId = pieces.at(-1)?.id ?? 0;
      if (firstId <= id && id < lastId) return { firstId, lastId };
    }
    return undefined;
  }

  forget(before: number): void {
    for (const id of this.#lines.keys()) {
      if (id >= before) return;
      this.#lines.delete(id);
    }
  }

  reset(): void {
    this.#open.clear();
    this.#entries = [];
    this.#before = undefined;
    this.#inForce = undefined;
  }

  #take(bytes: Buffer): void {
    let origin = this.#inForce ?? { time: 0 };
    for (let at = 0; at < bytes.length; ) {
      const next = originAt(bytes, at);
      if (next !== undefined) {
        origin = next.origin;
        this.#extendRun(bytes, at, next.end);
        at = next.end;
        continue;
      }
      const end = nextOrigin(bytes, at) ?? bytes.length;
      this.#takeLines(bytes, at, end, origin);
      at = end;
    }
  }

  /** Lines that all are of one origin. */
  #takeLines(bytes: Buffer, start: number, end: number, origin: Origin): void {
    const speaker = speakerOf(origin);
    for (let at = start; at < end; ) {
      if (this.#open.size === 0 && !origin.continued) {
        this.#addRun(bytes, at, end, origin);
        return;
      }
      const id = idAt(bytes, at) ?? 0;
      const eventEnd = eventEndAfter(bytes, at);
      this.#expire(id);
      if (origin.continued || this.#open.has(speaker)) this.#addPiece(bytes, at, eventEnd, id, origin, speaker);
      else this.#addRun(bytes, at, eventEnd, origin);
      at = eventEnd;
    }
  }

  #addRun(bytes: Buffer, start: number, end: number, origin: Origin): void {
    if (this.#extendRun(bytes, start, end)) return;
    this.#entries.push({ id: idAt(bytes, start) ?? 0, origin, bytes, start, end });
  }

  #extendRun(bytes: Buffer, start: number, end: number): boolean {
    const last = this.#entries.at(-1);
    if (last === undefined || !('end' in last) || last.bytes !== bytes || last.end !== start) return false;
    last.end = end;
    return true;
  }

  #addPiece(bytes: Buffer, at: number, eventEnd: number, id: number, origin: Origin, speaker: string): void {
    const line = this.#open.get(speaker) ?? { firstId: id, lastId: id, held: [], overlapText: none };
    const start = bytes.indexOf(lf, at) + 1 + dataField.length;
    const piece: Part = { id, origin, length: eventEnd - lineEnds - start, bytes, start, line: undefined };
    line.held.push(piece);
    line.lastId = id;
    this.#entries.push(piece);
    if (origin.continued) this.#open.set(speaker, line);
    else {
      settle(line.held, line.overlapText);
      this.#open.delete(speaker);
    }
  }

  /** Before line `id`: which lines wait no more. */
  #expire(id: number): void {
    if (id - this.heldFrom >= pieceReach) this.#settleAll();
    for (const [speaker, line] of this.#open) {
      if (id - line.lastId >= longestLine) {
        settle(line.held, line.overlapText);
        this.#open.delete(speaker);
      } else if (id - line.firstId >= longestLine) cut(line, partOf(id));
    }
  }

  #settleAll(): void {
    for (const { held, overlapText } of this.#open.values()) settle(held, overlapText);
    this.#open.clear();
  }

  /** Lines of several speakers may be mixed: what is passed on ends where none of them goes on. */
  #pass(block: Block | undefined): JoinedBlock | undefined {
    const entries = this.#entries;
    let count = 0;
    let reach = 0;
    for (const [i, entry] of entries.entries()) {
      if ('line' in entry) {
        if (entry.line === undefined) break;
        reach = Math.max(reach, entry.line.lastId);
      }
      if ((entries[i + 1]?.id ?? this.#endId) > reach) count = i + 1;
    }
    const firstId = this.#nextId;
    const passed = entries.slice(0, count);
    this.#entries = entries.slice(count);
    this.#nextId = this.#entries[0]?.id ?? this.#endId;
    const bytes = this.#eventsOf(passed);
    if (block !== undefined) for (const entry of this.#entries) keep(entry, block);
    if (bytes.length === 0) return undefined;
    return { bytes, firstId, lastId: Math.min(this.#nextId - 1, this.#lastId), isJoined: true };
  }

  #eventsOf(entries: readonly (Part | Run)[]): Buffer {
    const parts: Buffer[] = [];
    for (const entry of entries) {
      if (entry.id > this.#lastId) continue;
      if ('end' in entry) {
        parts.push(Buffer.from(eventText('origin', entry.origin)), entry.bytes.subarray(entry.start, entry.end));
      } else if (entry.line !== undefined && entry === this.#leadOf(entry.line)) {
        parts.push(...eventOf(entry, entry.line));
        this.#remember(entry.id, entry.line);
      }
    }
    return Buffer.concat(parts);
  }

  #leadOf({ pieces }: DecidedLine): Part | undefined {
    const firstFrom = (first: number) => pieces.find(({ id }) => id >= first);
    return firstFrom(this.#firstId) ?? firstFrom(this.#firstMatch) ?? pieces[0];
  }

  /** Without its text. */
  #remember(id: number, { overlap, pieces }: LongLine): void {
    const parts = pieces.map(({ id, origin, length }) => ({ id, origin, length }));
    this.#lines.set(id, { overlap, pieces: parts });
  }
}

const lf = 0x0a;
/** After a line's text. */
const lineEnds = 2;

function lastOriginOf(block: Block | undefined): Origin | undefined {
  if (block === undefined) return undefined;
  const at = originBefore(block.bytes, block.bytes.length);
  return at === undefined ? undefined : originAt(block.bytes, at)?.origin;
}

function partOf(id: number): number {
  return Math.floor(id / longestLine);
}

/** These pieces are all of a line, or of a part of one. */
function settle(pieces: readonly Part[], overlapText: Buffer): void {
  const last = pieces.at(-1);
  if (last === undefined) return;
  const line = { overlap: overlapText.length, overlapText, pieces, lastId: last.id };
  for (const piece of pieces) piece.line = line;
}

/** The line is too long: what stands in earlier parts than this one is parts of its own. */
function cut(line: OpenLine, part: number): void {
  for (let first = line.held[0]; first !== undefined && partOf(first.id) < part; first = line.held[0]) {
    const of = partOf(first.id);
    const length = line.held.findIndex(({ id }) => partOf(id) !== of);
    const pieces = line.held.splice(0, length === -1 ? line.held.length : length);
    settle(pieces, line.overlapText);
    const { bytes, start, length: textLength } = pieces.at(-1) as Part;
    const end = visibleLine(bytes.toString('utf8', start, start + textLength)).slice(-overlapLength);
    // Not half a character.
    line.overlapText = Buffer.from(end.replace(/^[\udc00-\udfff]/, ''));
  }
}

function eventOf({ id, origin }: Part, { pieces, overlapText }: DecidedLine): Buffer[] {
  const { continued: _, ...whole } = origin;
  const [head, end] = frameText(id);
  const texts = pieces.map(({ bytes, start, length }) => bytes.subarray(start, start + length));
  return [Buffer.from(eventText('origin', whole) + head), overlapText, ...texts, Buffer.from(end)];
}

/** Many searches may wait for the rest of the same line: each block is copied once. */
const copies = new WeakMap<Block, Buffer>();

/** The block's memory is used again. */
function keep(entry: Part | Run, block: Block): void {
  if (entry.bytes !== block.bytes) return;
  let copy = copies.get(block);
  if (copy === undefined) {
    copy = Buffer.from(block.bytes);
    copies.set(block, copy);
  }
  entry.bytes = copy;
}
