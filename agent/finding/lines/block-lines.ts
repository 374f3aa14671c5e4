import { isAscii } from 'node:buffer';
import type { Block } from '../../frame/block.ts';
import { eventEndAfter, originAt } from '../../frame/scan.ts';
import { slicesOf } from '../../frame/slices.ts';
import type { Origin } from '../../words/line.ts';
import type { LineReader } from '../line-reader.ts';
import { isUsualText, visibleLine, withoutColors } from '../visible.ts';
import { createLineEndFinder, type LineEnds } from './line-ends.ts';
import type { LineScanner, ScanEnd, ScanLimits } from './line-scanner.ts';
import { createPlainLineReader, unsure } from './plain-line.ts';

/** Takes the lines of blocks, in order. */
export interface BlockLineVisitor {
  /** Lines of this origin follow. */
  entered(origin: Origin): void;
  /**
   * A line that stands for itself, begins no record, and is no marker.
   *
   * @param code of its level
   * @param stamp the time that it says it is from
   * @param text as a reader sees it; to be called before the next line is passed
   */
  plain(id: number, code: number, stamp: number | undefined, origin: Origin, text: () => string): void;
  /** Such lines from `id` on, as many as the scanner has read. @param text of the last one */
  plainRun(id: number, run: LineScanner, origin: Origin, text: () => string): void;
  /** How much of that, and what of their times, it takes at once from line `id` on. */
  limitsFrom(id: number, origin: Origin): ScanLimits;
  /** @param text without the colors, with whatever else is not seen */
  other(id: number, text: string, visible: string, origin: Origin): void;
  /** Lines up to this one are passed, and some of them are not seen as their bytes are, by their colors. */
  colored(lastId: number): void;
}

/** After a line's text. */
const lineEnds = 2;

const mostMisses = 16;

/**
 * @param records says which lines are part of something, and hears of each line from the visitor
 * @param scanner reads most lines many at once; without one each is read alone
 */
export function createBlockLines(
  records: Pick<LineReader, 'isAmid'>,
  visitor: BlockLineVisitor,
  scanner?: LineScanner,
) {
  const plainLines = createPlainLineReader();
  const lineEndFinder = createLineEndFinder();
  let slice: Buffer = Buffer.alloc(0);
  /** Of usual lines: what they hold may be more than ASCII. */
  let encoding: 'latin1' | 'utf8' = 'latin1';
  /** Slices beyond ASCII that were none of usual text, one after the other; and those since the last one. */
  let misses = 0;
  let sinceMiss = 0;
  /** The last plain line. */
  let plainStart = 0;
  let plainEnd = 0;
  let origin: Origin = { time: 0 };
  let text = () => '';

  function takeSlice({ bytes, firstId }: Block): void {
    const events = withoutColors(bytes);
    slice = events;
    const isScanned = scanner !== undefined && slice.length <= scanner.room;
    const isWide = isScanned && !isAscii(events) && isWorthALook() && isUsual(events);
    const usual = isWide ? 'utf8' : 'latin1';
    encoding = usual;
    // It may be asked for when the next slice is looked at.
    text = () => events.toString(usual, plainStart, plainEnd);
    const nextId = isScanned ? scanned(scanner, firstId, isWide) : oneByOne(lineEndFinder.find(slice), firstId);
    if (slice !== bytes) visitor.colored(nextId - 1);
  }

  /** What holds something unusual does so again as a rule: a look at all of it is less and less worth its time. */
  function isWorthALook(): boolean {
    return ++sinceMiss >= misses;
  }

  function isUsual(events: Buffer): boolean {
    const found = isUsualText(events);
    misses = found ? 0 : Math.min(misses + 1, mostMisses);
    sinceMiss = 0;
    return found;
  }

  function oneByOne(lines: LineEnds, firstId: number): number {
    let id = firstId;
    for (let i = 0; i < lines.length; i++) {
      const next = originAt(slice, lines.eventStart(i));
      if (next !== undefined) enterOrigin(next.origin);
      else takeLine(id++, lines.textStart(i), lines.textEnd(i), lines.isPlain(i));
    }
    return id;
  }

  function scanned(scan: LineScanner, firstId: number, isWide: boolean): number {
    scan.load(slice, isWide);
    scan.arriveAt(origin.time);
    for (let id = firstId, at = 0; ; ) {
      const isClose = origin.kind !== undefined || records.isAmid(origin);
      const why = scan.scan(at, isClose, visitor.limitsFrom(id, origin));
      if (scan.lines > 0) {
        plainStart = scan.lastStart;
        plainEnd = scan.lastEnd;
        visitor.plainRun(id, scan, origin, text);
        id += scan.lines;
      }
      if (why === 'read') return id;
      if (why === 'event') at = enter(scan, scan.at);
      else if (why === 'full') at = scan.at;
      else at = takeStopped(scan, id++, why);
    }
  }

  function enter(scan: LineScanner, at: number): number {
    const next = originAt(slice, at);
    if (next === undefined) return eventEndAfter(slice, at);
    enterOrigin(next.origin);
    scan.arriveAt(origin.time);
    return next.end;
  }

  function enterOrigin(next: Origin): void {
    origin = next;
    visitor.entered(next);
  }

  /** The line that ended a scan. Where the next event is. */
  function takeStopped(scan: LineScanner, id: number, why: ScanEnd): number {
    const { start, end, isPlain } = scan;
    if (why === 'line') lookClosely(id, start, end, isPlain);
    else {
      const stamp = takeLine(id, start, end, isPlain);
      if (stamp !== undefined) scan.learn(slice.toString(encoding, start, end), stamp, origin.time);
    }
    return end + lineEnds;
  }

  /** The time that it says it is from, where it was plain. */
  function takeLine(id: number, start: number, end: number, isPlain: boolean): number | undefined {
    if (isPlain && origin.kind === undefined && !records.isAmid(origin)) {
      const code = plainLines.read(slice, start, end, origin.time);
      if (code !== unsure) {
        plainStart = start;
        plainEnd = end;
        visitor.plain(id, code, plainLines.stamp, origin, text);
        return plainLines.stamp;
      }
    }
    lookClosely(id, start, end, isPlain);
    return undefined;
  }

  function lookClosely(id: number, start: number, end: number, isPlain: boolean): void {
    const line = slice.toString(isPlain ? encoding : 'utf8', start, end);
    visitor.other(id, line, isPlain ? line : visibleLine(line), origin);
  }

  return {
    take(block: Block): void {
      for (const part of slicesOf(block)) takeSlice(part);
    },
  };
}
