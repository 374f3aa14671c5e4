import { isAscii } from 'node:buffer';
import type { Block } from '../../frame/block.ts';
import { eventEndAfter, originAt } from '../../frame/scan.ts';
import { sliceFrom, slicesOf } from '../../frame/slices.ts';
import type { Origin } from '../../words/line.ts';
import type { LineReader } from '../records/line-reader.ts';
import { isUsualText, visibleLine, withoutColors } from '../visible/visible.ts';
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

/** So much stays in the processor's nearest memory while it is looked at. */
const pieceBytes = 128 * 1024;

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
  const isUsual = createUsualityCheck();
  /** What is looked at, and where in it the next event begins; the next line's id. */
  let events: Buffer = Buffer.alloc(0);
  let at = 0;
  let id = 0;
  /** Of usual lines: what they hold may be more than ASCII. */
  let encoding: 'latin1' | 'utf8' = 'latin1';
  /** The last slice that was looked at by itself held colors, or more than ASCII: so will the next one as a rule. */
  let isMixed = false;
  /** The last plain line. */
  let plainStart = 0;
  let plainEnd = 0;
  let origin: Origin = { time: 0 };
  let text = () => '';

  function lookAt(bytes: Buffer, usual: 'latin1' | 'utf8', start: number, firstId: number): void {
    events = bytes;
    encoding = usual;
    at = start;
    id = firstId;
    // It may be asked for when others are looked at.
    text = () => bytes.toString(usual, plainStart, plainEnd);
  }

  /** Most are of printable ASCII: that they are is seen as they are scanned, and from the first one on that is not. */
  function takeBlock(block: Block, scan: LineScanner): void {
    const { bytes } = block;
    id = block.firstId;
    for (let start = 0; start < bytes.length; ) {
      if (!isMixed) start = takeUsual(bytes, start, id, scan);
      if (start === bytes.length) return;
      const slice = sliceFrom(block, start, id, pieceBytes);
      takeSlice(slice, scan);
      start += slice.bytes.length;
      id = slice.lastId + 1;
    }
  }

  /** Takes events up to one that is not usual, or too long. Returns where that is. */
  function takeUsual(bytes: Buffer, start: number, firstId: number, scan: LineScanner): number {
    lookAt(bytes, 'latin1', start, firstId);
    while (at < bytes.length) {
      const from = at;
      scan.load(bytes, false, from, Math.min(from + pieceBytes, bytes.length));
      if (!takeLoaded(scan, true) || at === from) break;
    }
    return at;
  }

  function takeSlice({ bytes, firstId }: Block, scan: LineScanner | undefined): void {
    const plain = withoutColors(bytes);
    const isScanned = scan !== undefined && plain.length <= scan.room;
    const isBeyondAscii = isScanned && !isAscii(plain);
    const isWide = isBeyondAscii && isUsual(plain);
    isMixed = isBeyondAscii || plain !== bytes;
    lookAt(plain, isWide ? 'utf8' : 'latin1', 0, firstId);
    if (isScanned) {
      scan.load(plain, isWide);
      takeLoaded(scan, false);
    } else oneByOne(lineEndFinder.find(plain));
    if (plain !== bytes) visitor.colored(id - 1);
  }

  function oneByOne(lines: LineEnds): void {
    for (let i = 0; i < lines.length; i++) {
      const next = originAt(events, lines.eventStart(i));
      if (next !== undefined) enterOrigin(next.origin);
      else takeLine(lines.textStart(i), lines.textEnd(i), lines.isPlain(i));
    }
  }

  /** Takes what the scanner has, all of it unless only what is usual. Returns whether it was all. */
  function takeLoaded(scan: LineScanner, isOnlyUsual: boolean): boolean {
    scan.arriveAt(origin.time);
    for (;;) {
      const isClose = origin.kind !== undefined || records.isAmid(origin);
      const why = scan.scan(at, isClose, visitor.limitsFrom(id, origin));
      if (scan.lines > 0) {
        plainStart = scan.lastStart;
        plainEnd = scan.lastEnd;
        visitor.plainRun(id, scan, origin, text);
        id += scan.lines;
      }
      at = scan.at;
      if (why === 'read') return true;
      if (why === 'event') at = enter(scan, at);
      else if (why !== 'full') {
        if (isOnlyUsual && !scan.isPlain) return false;
        at = takeStopped(scan, why);
      }
    }
  }

  function enter(scan: LineScanner, start: number): number {
    const next = originAt(events, start);
    if (next === undefined) return eventEndAfter(events, start);
    enterOrigin(next.origin);
    scan.arriveAt(origin.time);
    return next.end;
  }

  function enterOrigin(next: Origin): void {
    origin = next;
    visitor.entered(next);
  }

  /** The line that ended a scan. Where the next event is. */
  function takeStopped(scan: LineScanner, why: ScanEnd): number {
    const { start, end, isPlain } = scan;
    const stamp = why === 'line' ? lookClosely(start, end, isPlain) : takeLine(start, end, isPlain);
    if (stamp !== undefined) scan.learn(events.toString(encoding, start, end), stamp, origin.time);
    return end + lineEnds;
  }

  /** The time that it says it is from, where it was plain. */
  function takeLine(start: number, end: number, isPlain: boolean): number | undefined {
    if (isPlain && origin.kind === undefined && !records.isAmid(origin)) {
      const code = plainLines.read(events, start, end, origin.time);
      if (code !== unsure) {
        plainStart = start;
        plainEnd = end;
        visitor.plain(id++, code, plainLines.stamp, origin, text);
        return plainLines.stamp;
      }
    }
    return lookClosely(start, end, isPlain);
  }

  function lookClosely(start: number, end: number, isPlain: boolean): undefined {
    const line = events.toString(isPlain ? encoding : 'utf8', start, end);
    visitor.other(id++, line, isPlain ? line : visibleLine(line), origin);
  }

  return {
    /** @param inForce the origin of its first line, where the block begins with none. Returns that of its last line. */
    take(block: Block, inForce?: Origin): Origin {
      if (inForce !== undefined) enterOrigin(inForce);
      if (scanner !== undefined) takeBlock(block, scanner);
      else for (const part of slicesOf(block)) takeSlice(part, undefined);
      return origin;
    },
  };
}

/** What holds something unusual does so again as a rule: a look at all of it is less and less worth its time. */
function createUsualityCheck(): (events: Buffer) => boolean {
  /** Slices that were none of usual text, one after the other; and those since the last one. */
  let misses = 0;
  let sinceMiss = 0;

  return (events) => {
    if (++sinceMiss < misses) return false;
    const found = isUsualText(events);
    misses = found ? 0 : Math.min(misses + 1, mostMisses);
    sinceMiss = 0;
    return found;
  };
}
