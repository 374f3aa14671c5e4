import { createBatchBuilder } from '../../agent/frame/encode.ts';
import type { BlockOrGap, Cursor, Journal } from '../../agent/journal/journal.ts';
import type { Origin } from '../../agent/words/line.ts';

export interface SyntheticLine {
  text: string;
  /** Of the time of its batch where it is left out. */
  origin?: Partial<Origin>;
}

/** A journal whose lines are made when they are read: a long log takes no disk, and no time to write. */
export interface SyntheticJournal extends Pick<Journal, 'read'> {
  firstId: number;
  lastId: number;
}

const usualBlockLines = 1000;

/** @param lineOf is asked for each line whenever it is read */
export function syntheticJournal(lastId: number, lineOf: (id: number) => SyntheticLine): SyntheticJournal & Journal {
  return journalOf(lastId, (firstId, end) => blockOf(firstId, Math.min(end, firstId + usualBlockLines - 1), lineOf));
}

/** One that makes each line once: for those who read them often. */
export function rememberedJournal(
  lines: readonly SyntheticLine[],
  blockLines = usualBlockLines,
): SyntheticJournal & Journal {
  const blocks = new Map<string, BlockOrGap>();
  return journalOf(lines.length, (firstId, end) => {
    // Whoever begins elsewhere comes to the same ones.
    const to = Math.min(end, firstId - ((firstId - 1) % blockLines) + blockLines - 1);
    const key = `${firstId}-${to}`;
    const block = blocks.get(key) ?? blockOf(firstId, to, (id) => lines[id - 1] as SyntheticLine);
    blocks.set(key, block);
    return block;
  });
}

function journalOf(lastId: number, block: (firstId: number, end: number) => BlockOrGap): SyntheticJournal & Journal {
  const journal: SyntheticJournal = {
    firstId: 1,
    lastId,
    read(fromId, toId = Number.POSITIVE_INFINITY): Cursor {
      let nextId = Math.max(1, fromId);
      return {
        get nextId() {
          return nextId;
        },
        async next() {
          const end = Math.min(toId, journal.lastId);
          if (nextId > end) return undefined;
          const read = nextId < journal.firstId ? gap(nextId, Math.min(end, journal.firstId - 1)) : block(nextId, end);
          nextId = (read.type === 'gap' ? read.to : read.lastId) + 1;
          return read;
        },
        seek(id) {
          nextId = id;
        },
        rest() {},
        close() {},
      };
    },
  };

  return journal as SyntheticJournal & Journal;
}

function blockOf(firstId: number, to: number, lineOf: (id: number) => SyntheticLine): BlockOrGap {
  const builder = createBatchBuilder(firstId);
  const usual: Origin = { time: Date.UTC(2026, 10, 28) + firstId };
  for (let id = firstId; id <= to; id++) {
    const { text, origin } = lineOf(id);
    builder.origin(origin === undefined ? usual : { ...usual, ...origin });
    const bytes = Buffer.from(text);
    builder.line(bytes, 0, bytes.length);
  }
  const batch = builder.take();
  if (batch === undefined) throw new Error('a block has a line');
  return { type: 'block', bytes: batch.bytes.subarray(0, batch.length), firstId, lastId: to, release() {} };
}

function gap(from: number, to: number): BlockOrGap {
  return { type: 'gap', from, to, reason: 'retention' };
}
