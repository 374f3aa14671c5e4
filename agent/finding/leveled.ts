import { eventEndAfter, idAt, visitEvents } from '../frame/scan.ts';
import type { Level } from '../text/level.ts';
import type { Origin } from '../words/line.ts';
import { createExcerpt } from './excerpt.ts';
import type { KnownLines } from './known-lines.ts';
import type { LineFinder } from './line-finder.ts';
import { type LineQuery, reachBefore, recordLines } from './line-query.ts';
import { createRecordLevels, type LeveledRecord } from './records/levels.ts';
import { visibleLine } from './visible/visible.ts';

/** Lines that were found, each under an origin that says the level of its record, where it has one. */
export function leveled(events: Buffer, levelOfLine: (id: number) => Level | undefined): Buffer {
  const excerpt = createExcerpt();
  let plain: Origin = { time: 0 };
  let byLevel = new Map<Level, Origin>();
  visitEvents(events, {
    origin(next) {
      plain = next;
      byLevel = new Map();
    },
    line(_start, textEnd, frame) {
      const level = levelOfLine(idAt(events, frame) ?? 0);
      excerpt.add(events, frame, eventEndAfter(events, textEnd), level === undefined ? plain : originOf(level));
    },
  });
  return excerpt.take();

  function originOf(level: Level): Origin {
    const origin = byLevel.get(level) ?? { ...plain, level };
    byLevel.set(level, origin);
    return origin;
  }
}

/** The level of a line whose level is known. */
export function knownLevel({ isOf }: Pick<KnownLines, 'isOf'>, id: number): Level | undefined {
  return levels.find((level) => isOf(only[level], id));
}

const only: Readonly<Record<Level, ReadonlySet<Level>>> = {
  error: new Set(['error']),
  warn: new Set(['warn']),
  info: new Set(['info']),
  debug: new Set(['debug']),
};
const levels = Object.keys(only) as Level[];

/** The same for a finder, where nobody knows the levels of the lines that are passed: it reads each of them. */
export function leveledFinder(finder: LineFinder, query: LineQuery): LineFinder {
  const reader = createRecordLevels();
  /** Of lines that may be found yet. */
  const records = new Map<number, LeveledRecord>();
  const kept = reachBefore(query) + 2 * recordLines;
  let origin: Origin = { time: 0 };

  function read(bytes: Buffer): void {
    visitEvents(bytes, {
      origin(next) {
        origin = next;
      },
      line(start, end, frame) {
        records.set(idAt(bytes, frame) ?? 0, reader.read(visibleLine(bytes.toString('utf8', start, end)), origin));
      },
    });
  }

  return {
    take(block, most, facts, lastPieces) {
      for (const id of records.keys()) {
        if (id >= block.firstId - kept) break;
        records.delete(id);
      }
      read(block.bytes);
      const found = finder.take(block, most, facts, lastPieces);
      if (found.bytes.length === 0) return found;
      return { ...found, bytes: leveled(found.bytes, (id) => records.get(id)?.level) };
    },
    moveTo(id, stampBefore) {
      records.clear();
      reader.reset();
      finder.moveTo(id, stampBefore);
    },
    endLines(most) {
      const found = finder.endLines(most);
      return { ...found, bytes: leveled(found.bytes, (id) => records.get(id)?.level) };
    },
    get isAmidLine() {
      return finder.isAmidLine;
    },
    get amidContextOf() {
      return finder.amidContextOf;
    },
    get safeId() {
      return finder.safeId;
    },
  };
}
