import { expect, test } from 'vitest';
import { encodeLines } from '../../bench/lines.ts';
import { type Counters, createScanner } from '../../bench/load/scanners.ts';
import { emptyTally } from '../../bench/load/tally.ts';

/** The events of these lines; each has the id that `idOf` says, or none. */
function eventsOf(count: number, idOf: (number: number) => string | undefined): Buffer {
  const parts = ['retry: 2000\n\n', 'event: hello\ndata: {}\n\n'];
  for (let number = 1; number <= count; number++) {
    const id = idOf(number);
    parts.push(`${id === undefined ? '' : `id: ${id}\n`}data: ${encodeLines(number, 1, 7).toString()}\n`);
  }
  return Buffer.from(`${parts.join('')}: a comment\n\nevent: ping\ndata: {}\n\n`);
}

/** As a connection does it: what is left over stands before the next bytes, and after them is what was read before. */
function countInPieces(bytes: Buffer, pieceBytes: number): Counters {
  const counters: Counters = { tally: emptyTally(), latencies: undefined, events: new Map() };
  const scan = createScanner('sse', counters);
  const room = Buffer.alloc(bytes.length * 2, 'id: 123\ndata: 00000009 stale\n\n');
  let carried = 0;
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const end = carried + bytes.copy(room, carried, at, at + pieceBytes);
    const rest = scan(room, 0, end, Number.POSITIVE_INFINITY);
    room.copyWithin(0, rest, end);
    carried = end - rest;
  }
  return counters;
}

test.each([
  ['numbers', (number: number) => String(number), 0],
  ['none', () => undefined, 0],
  ['a wrong one', (number: number) => String(number === 5 ? 50 : number), 2],
  ['no numbers, as nchan has them', (number: number) => `1763622000:${number}`, 0],
] as const)('events are counted however they are cut: ids are %s', (_, idOf, wrongIds) => {
  const bytes = eventsOf(12, idOf);
  for (let pieceBytes = 1; pieceBytes <= bytes.length; pieceBytes++) {
    const { tally, events } = countInPieces(bytes, pieceBytes);
    expect([tally.lines, tally.lost, tally.doubled, tally.wrongIds]).toEqual([12, 0, 0, wrongIds]);
    expect([...events]).toEqual([
      ['hello', 1],
      ['ping', 1],
    ]);
  }
});
