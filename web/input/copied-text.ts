import { shownText } from '../../agent/text/drawing/runs.ts';
import type { Origin } from '../../agent/words/line.ts';
import type { Selected } from './selection.ts';

/** The text of lines that are copied. */
export interface Copy {
  /** How many lines are in it: what the reader is told. */
  readonly lines: number;
  /** In characters. */
  readonly length: number;
  add(line: string, origin: Origin, id: number): void;
  done(): string;
}

/** Puts the selected part of consecutive lines together. */
export function createCopy({ from, to }: Selected): Copy {
  return joinedLines(to, (line, id) => {
    return shownText(line).slice(id === from.id ? from.offset : 0, id === to.id ? to.offset : undefined);
  });
}

/** Joins what `partOf` makes of each line, up to the line `to`. */
export function joinedLines({ id: lastId }: Selected['to'], partOf: (line: string, id: number) => string): Copy {
  const parts: string[] = [];
  let length = 0;
  let lines = 0;

  return {
    get lines() {
      return lines;
    },
    get length() {
      return length;
    },
    add(line, origin, id) {
      const part = partOf(line, id);
      // A triple click selects up to the beginning of the next line, of which nothing is copied.
      if (id !== lastId || part !== '' || lines === 0) lines++;
      // A line over the limit is in pieces, which are one line again when copied.
      parts.push(part, id === lastId || origin.continued ? '' : '\n');
      length += part.length + 1;
    },
    done: () => parts.join(''),
  };
}
