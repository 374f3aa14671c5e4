import type { Block } from '../../frame/block.ts';
import { originAt } from '../../frame/scan.ts';
import { slicesOf } from '../../frame/slices.ts';
import type { Origin } from '../../words/line.ts';
import type { LineReader } from '../line-reader.ts';
import { visibleLine, withoutColors } from '../visible.ts';
import { createLineEndFinder, type LineEnds } from './line-ends.ts';
import { createPlainLineReader, unsure } from './plain-line.ts';

/** Takes the lines of blocks, in order. */
export interface BlockLineVisitor {
  /**
   * A line that stands for itself, begins no record, and is no marker.
   *
   * @param code of its level
   * @param stamp the time that it says it is from
   * @param text as a reader sees it; to be called before the next line is passed
   */
  plain(id: number, code: number, stamp: number | undefined, origin: Origin, text: () => string): void;
  /** @param text without the colors, with whatever else is not seen */
  other(id: number, text: string, visible: string, origin: Origin): void;
  /** Lines up to this one are passed, and some of them are not seen as their bytes are, by their colors. */
  colored(lastId: number): void;
}

/** @param records says which lines are part of something, and hears of each line from the visitor */
export function createBlockLines(records: Pick<LineReader, 'isAmid'>, visitor: BlockLineVisitor) {
  const plainLines = createPlainLineReader();
  const lineEnds = createLineEndFinder();
  let slice: Buffer = Buffer.alloc(0);
  /** The last plain line. */
  let plainStart = 0;
  let plainEnd = 0;
  let origin: Origin = { time: 0 };
  const text = () => slice.toString('latin1', plainStart, plainEnd);

  function takeSlice({ bytes, firstId }: Block): void {
    slice = withoutColors(bytes);
    const lines = lineEnds.find(slice);
    let id = firstId;
    for (let i = 0; i < lines.length; i++) {
      const next = originAt(slice, lines.eventStart(i));
      if (next !== undefined) ({ origin } = next);
      else takeLine(lines, i, id++);
    }
    if (slice !== bytes) visitor.colored(id - 1);
  }

  function takeLine(lines: LineEnds, i: number, id: number): void {
    const start = lines.textStart(i);
    const end = lines.textEnd(i);
    const isPlain = lines.isPlain(i);
    if (isPlain && origin.kind === undefined && !records.isAmid(origin)) {
      const code = plainLines.read(slice, start, end, origin.time);
      if (code !== unsure) {
        plainStart = start;
        plainEnd = end;
        visitor.plain(id, code, plainLines.stamp, origin, text);
        return;
      }
    }
    const line = slice.toString(isPlain ? 'latin1' : 'utf8', start, end);
    visitor.other(id, line, isPlain ? line : visibleLine(line), origin);
  }

  return {
    take(block: Block): void {
      for (const part of slicesOf(block)) takeSlice(part);
    },
  };
}
