import type { Batch } from '../../agent/frame/block.ts';
import { createBatchBuilder } from '../../agent/frame/encode.ts';
import type { BlockOrGap, Cursor, Journal } from '../../agent/journal/journal.ts';
import type { Origin } from '../../agent/words/line.ts';
import type { FilePosition } from '../../agent/words/position.ts';
import type { Gap } from '../../agent/words/wire.ts';
import { parseLines, type WireLine } from './event-text.ts';

/** A batch of lines under one origin, or under one each. */
export function batchOf(
  firstId: number,
  texts: readonly string[],
  origins: Origin | readonly Origin[] = { time: 1 },
): Batch {
  const builder = createBatchBuilder(firstId);
  for (const [index, text] of texts.entries()) {
    builder.origin(Array.isArray(origins) ? origins[index] : (origins as Origin));
    const bytes = Buffer.from(text);
    builder.line(bytes, 0, bytes.length);
  }
  return builder.take() as Batch;
}

export async function append(
  journal: Journal,
  texts: readonly string[],
  { origin, positions }: { origin?: Origin; positions?: FilePosition[] } = {},
): Promise<void> {
  const batch = batchOf(journal.lastId + 1, texts, origin);
  await journal.append(positions === undefined ? batch : { ...batch, positions });
}

/** Appends `count` lines `line <id>`, `perBatch` at a time. */
export async function appendNumbered(journal: Journal, count: number, perBatch = 1): Promise<void> {
  for (let rest = count; rest > 0; rest -= perBatch) {
    const firstId = journal.lastId + 1;
    await append(
      journal,
      Array.from({ length: Math.min(rest, perBatch) }, (_, index) => `line ${firstId + index}`),
    );
  }
}

export type Given = WireLine | Gap;

/** Everything a cursor gives until it has nothing more: lines (each block parsed for itself) and gaps, in order. */
export async function drain(cursor: Cursor): Promise<Given[]> {
  const given: Given[] = [];
  for (;;) {
    const next = await cursor.next();
    if (next === undefined) return given;
    for (const one of givenBy(next)) given.push(one);
    if (next.type === 'block') next.release();
  }
}

/** Clients get events: where a batch ends, and how far which file was read, is the journal's own business. */
export function expectEvents(bytes: Buffer): void {
  const stray = /^(?!id: |data: |event: origin$|$).*/m.exec(bytes.toString());
  if (stray !== null) throw new Error(`a block holds ${stray[0]}`);
}

export function givenBy(next: BlockOrGap): Given[] {
  if (next.type === 'gap') return [{ from: next.from, to: next.to, reason: next.reason }];
  expectEvents(next.bytes);
  const lines = parseLines(next.bytes.toString());
  if (lines[0]?.id !== next.firstId || lines.at(-1)?.id !== next.lastId) {
    throw new Error(`a block of ${next.firstId}-${next.lastId} holds ${lines[0]?.id}-${lines.at(-1)?.id}`);
  }
  return lines;
}

export async function readAll(journal: Journal, fromId = 1, toId?: number): Promise<Given[]> {
  const cursor = journal.read(fromId, toId);
  try {
    return await drain(cursor);
  } finally {
    cursor.close();
  }
}

/** Ids of the lines given; fails where a line comes twice, out of order, or is missing without a gap. */
export function idsOf(given: readonly Given[], fromId = 1): number[] {
  const ids: number[] = [];
  let nextId = fromId;
  for (const one of given) {
    const first = 'id' in one ? one.id : one.from;
    if (first !== nextId) throw new Error(`expected line ${nextId}, was given ${first}`);
    if ('id' in one) ids.push(one.id);
    nextId = ('id' in one ? one.id : one.to) + 1;
  }
  return ids;
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}
