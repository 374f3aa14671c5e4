import type { Origin } from '../../agent/words/line.ts';
import type { Gap } from '../../agent/words/wire.ts';
import { createIdRanges, type IdRange } from './id-ranges.ts';

/** A line as the page keeps it. */
export interface Line {
  /** As it came, escape sequences included. */
  readonly text: string;
  /** Shared by the lines that have it in common. */
  readonly origin: Origin;
}

export interface LineStoreLimits {
  lines: number;
  /** UTF-16 code units of text. */
  characters: number;
}

/** Decides over lines by their origin. */
export type IsShown = (origin: Origin) => boolean;

/**
 * What the page knows of a log: the ids it spans, the lines around those that were last looked at, and which of its ids
 * are lines that are left out.
 */
export interface LineStore {
  /** Id of the log's first kept line that is shown, and of its last; `last` is `first - 1` when there is none. */
  readonly first: number;
  readonly last: number;
  readonly lineCount: number;
  readonly characterCount: number;
  /** Whether lines are left out. */
  readonly isSelective: boolean;
  /**
   * A line that came. One that is there already, or that the log no longer has, is left alone; one that came with a
   * match may be one itself.
   */
  put(id: number, text: string, origin: Origin): void;
  get(id: number): Line | undefined;
  /** The log's ids as the agent gives them. `last` never moves back: lines can overtake the news. */
  span(first: number, last: number): void;
  /** Shows none before this one, or again all from the log's first on. */
  startAt(id: number | undefined): void;
  /** Lines that can't be had any more: those at the log's beginning leave its span, others become known as lost. */
  lose(gap: Gap): void;
  isLost(id: number): boolean;
  /**
   * Leaves out lines that are not shown; without `isShown` none is. What was known to be left out is to be found out
   * anew.
   */
  select(isShown: IsShown | undefined): void;
  /** These lines, both included, are left out. */
  hide(from: number, to: number): void;
  isHidden(id: number): boolean;
  /** How many lines of a range are known to be left out. */
  hiddenIn(from: number, to: number): number;
  /** Whether of every line of the log it is known whether it is left out. */
  isSurveyed(): boolean;
  /** The first id after this one, and the last before it, that is not known to be left out. */
  next(id: number): number;
  previous(id: number): number;
  /** What has to be fetched so that `from` to `to` are there: whole chunks, but where lines are long only these. */
  missing(from: number, to: number): IdRange[];
  /** These lines are looked at: they are the last to be dropped. */
  look(from: number, to: number): void;
  /** Drops all lines and what is known of them, and keeps the span of ids. */
  forgetLines(): void;
  clear(): void;
}

interface Chunk {
  lines: (Line | undefined)[];
  count: number;
  characters: number;
  usedAt: number;
}

const chunkSize = 256;
const maxLostRanges = 1000;
/** Stretches of lines that are left out; what is far away is found out again. */
const maxHiddenRanges = 50_000;
/** Of lines that are longer on average, a whole chunk would be megabytes. */
const longLine = 4096;

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: each change keeps the same counts and bounds true.
export function createLineStore(limits: LineStoreLimits = { lines: 20_000, characters: 24 << 20 }): LineStore {
  const chunks = new Map<number, Chunk>();
  let lost: IdRange[] = [];
  const hidden = createIdRanges();
  let isShown: IsShown | undefined;
  /** Counting is for once, as it is asked for in every frame. */
  let survey = { of: '', isWhole: false };
  /** The log's own first line. */
  let keptFrom = 1;
  let startsAt = 1;
  let first = 1;
  let last = 0;
  let lineCount = 0;
  let characterCount = 0;
  let clock = 0;
  let looked: IdRange = { from: 0, to: -1 };

  function put(id: number, text: string, origin: Origin): void {
    if (id < first) return;
    if (id > last) last = id;
    const number = chunkOf(id);
    let chunk = chunks.get(number);
    if (!chunk) {
      chunk = { lines: [], count: 0, characters: 0, usedAt: 0 };
      chunks.set(number, chunk);
    }
    const slot = slotOf(id);
    const known = chunk.lines[slot];
    if (!known || known.origin.context) chunk.lines[slot] = { text, origin };
    if (known) return;
    chunk.usedAt = ++clock;
    chunk.count++;
    chunk.characters += text.length;
    lineCount++;
    characterCount += text.length;
    if (isShown && !isShown(origin)) hide(id, id);
    if (lineCount > limits.lines || characterCount > limits.characters) makeRoom(number);
  }

  /** Drops chunks, least recently used first. What is looked at and the chunk just written to stay. */
  function makeRoom(keep: number): void {
    const droppable = [...chunks]
      .filter(([number]) => number !== keep && (number < looked.from || number > looked.to))
      .sort(([, a], [, b]) => a.usedAt - b.usedAt);
    for (const [number] of droppable) {
      // A little more than needed, so that this isn't done again for the very next line.
      if (lineCount <= limits.lines * 0.95 && characterCount <= limits.characters * 0.95) return;
      drop(number);
    }
  }

  function drop(number: number): void {
    const chunk = chunks.get(number);
    if (!chunk) return;
    chunks.delete(number);
    lineCount -= chunk.count;
    characterCount -= chunk.characters;
  }

  function get(id: number): Line | undefined {
    return chunks.get(chunkOf(id))?.lines[slotOf(id)];
  }

  function span(newFirst: number, newLast: number): void {
    keptFrom = Math.max(keptFrom, newFirst);
    first = Math.max(keptFrom, startsAt);
    last = Math.max(last, newLast, keptFrom - 1);
    const firstChunk = chunkOf(first);
    for (const number of chunks.keys()) {
      if (number < firstChunk) drop(number);
    }
    lost = lost.filter((range) => range.to >= first);
    hidden.dropBelow(first);
  }

  function startAt(id = 1): void {
    startsAt = id;
    span(keptFrom, last);
  }

  function lose(gap: Gap): void {
    if (gap.from <= keptFrom) {
      span(gap.to + 1, gap.to);
      return;
    }
    last = Math.max(last, gap.to);
    if (lost.some((range) => range.from <= gap.from && range.to >= gap.to)) return;
    lost.push({ from: gap.from, to: gap.to });
    if (lost.length > maxLostRanges) lost.shift();
  }

  function isLost(id: number): boolean {
    return lost.some((range) => id >= range.from && id <= range.to);
  }

  function select(next: IsShown | undefined): void {
    isShown = next;
    hidden.clear();
    if (next) eachLine((id, { origin }) => !next(origin) && hidden.add(id, id));
  }

  /** Those from the first one on: their chunk may hold some before it. */
  function eachLine(take: (id: number, line: Line) => void): void {
    for (const [number, { lines }] of chunks) {
      lines.forEach((line, slot) => {
        const id = number * chunkSize + slot + 1;
        if (line && id >= first) take(id, line);
      });
    }
  }

  function hide(from: number, to: number): void {
    if (to > last) last = to;
    hidden.add(Math.max(from, first), to);
    hidden.keepNear(to, maxHiddenRanges);
  }

  function isSurveyed(): boolean {
    const unknown = last - first + 1 - hidden.count;
    if (unknown > lineCount) return false;
    const state = String([first, last, unknown, lineCount]);
    if (state !== survey.of) {
      let shown = 0;
      eachLine((id) => {
        if (!hidden.has(id)) shown++;
      });
      survey = { of: state, isWhole: shown >= unknown };
    }
    return survey.isWhole;
  }

  function missing(from: number, to: number): IdRange[] {
    const ranges: IdRange[] = [];
    const end = Math.min(to, last);
    const areLong = characterCount > lineCount * longLine;
    for (let id = Math.max(from, first); id <= end; id++) {
      if (get(id) || isLost(id)) continue;
      const wanted = areLong ? { from: id, to: id } : absentIn(chunkOf(id));
      const before = ranges.at(-1);
      if (before && before.to + 1 >= wanted.from) before.to = wanted.to;
      else ranges.push(wanted);
      id = wanted.to;
    }
    return ranges;
  }

  /** The span of a chunk in which lines are absent, cut to the log. */
  function absentIn(number: number): IdRange {
    const chunk = chunks.get(number);
    let from = Math.max(first, number * chunkSize + 1);
    let to = Math.min(last, (number + 1) * chunkSize);
    while (chunk?.lines[slotOf(from)]) from++;
    while (chunk?.lines[slotOf(to)]) to--;
    return { from, to };
  }

  function look(from: number, to: number): void {
    looked = { from: chunkOf(from), to: chunkOf(to) };
    clock++;
    // Not from the first to the last: where nearly all lines are left out, a million chunks may be between them.
    for (const [number, chunk] of chunks) {
      if (number >= looked.from && number <= looked.to) chunk.usedAt = clock;
    }
  }

  function forgetLines(): void {
    chunks.clear();
    hidden.clear();
    lineCount = 0;
    characterCount = 0;
    looked = { from: 0, to: -1 };
  }

  function clear(): void {
    forgetLines();
    lost = [];
    keptFrom = 1;
    startsAt = 1;
    first = 1;
    last = 0;
  }

  return {
    get first() {
      return first;
    },
    get last() {
      return Math.max(last, first - 1);
    },
    get lineCount() {
      return lineCount;
    },
    get characterCount() {
      return characterCount;
    },
    put,
    get,
    span,
    get isSelective() {
      return isShown !== undefined;
    },
    startAt,
    lose,
    isLost,
    select,
    hide,
    isHidden: (id) => hidden.has(id),
    hiddenIn: hidden.countIn,
    isSurveyed,
    next: hidden.nextOutside,
    previous: hidden.previousOutside,
    missing,
    look,
    forgetLines,
    clear,
  };
}

function chunkOf(id: number): number {
  return Math.floor((id - 1) / chunkSize);
}

function slotOf(id: number): number {
  return (id - 1) % chunkSize;
}
