import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  beginsEventLine,
  eventEndAfter,
  frameEnd,
  frameStart,
  idAt,
  idsNamed,
  isEventLine,
  lastFrameStart,
  lineAround,
  longestHead,
  nextOrigin,
  originAt,
  originBefore,
  visitEvents,
} from '../../../agent/frame/scan.ts';
import type { Origin } from '../../../agent/words/line.ts';
import { batchOf } from '../../support/journal.ts';

interface Line {
  text: string;
  origin: Origin;
}

/** Texts that look like the bytes around them, and anything else that can be a line. */
const text = fc.oneof(
  fc.constantFrom(
    '',
    'id: 7',
    'data: id: 8',
    'event: origin',
    'event: origin data: {"time":1}',
    ': batch 1 1-1 ',
    ':1',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }).map((given) => given.replace(/[\r\n]/g, '')),
);
const origin: fc.Arbitrary<Origin> = fc.record(
  {
    time: fc.nat(3),
    source: fc.constantFrom('a', '\n\nid: 3\n', 'event: origin\ndata: {}'),
    stream: fc.constant('stderr' as const),
  },
  { requiredKeys: ['time'] },
);
const lines = fc.array(fc.record({ text, origin }), { minLength: 1, maxLength: 12 });
const firstId = fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.constant(999_999_999_995));

function encode(first: number, given: readonly Line[]): Buffer {
  const texts = given.map((line) => line.text);
  const origins = given.map((line) => line.origin);
  const batch = batchOf(first, texts, origins);
  return batch.bytes.subarray(0, batch.length);
}

/** What stands where, by one walk from event to event that asks nothing but what begins here. */
function walk(bytes: Buffer): { at: number; end: number; id?: number; origin?: Origin }[] {
  const events = [];
  for (let at = 0; at < bytes.length; ) {
    const end = eventEndAfter(bytes, at);
    const found = originAt(bytes, at);
    const id = idAt(bytes, at);
    expect(id === undefined).toBe(found !== undefined);
    if (found !== undefined) expect(found.end).toBe(end);
    events.push({ at, end, ...(id === undefined ? {} : { id }), ...(found && { origin: found.origin }) });
    at = end;
  }
  return events;
}

function forAny(check: (bytes: Buffer, first: number, given: readonly Line[]) => void): void {
  const property = fc.property(firstId, lines, (first, given) => check(encode(first, given), first, given));
  fc.assert(property, { numRuns: 300 });
}

describe('what was encoded', () => {
  it('is read back: every id, text and origin in order', () => {
    forAny((bytes, first, given) => {
      const read: Line[] = [];
      let inForce: Origin = { time: -1 };
      visitEvents(bytes, {
        origin(next) {
          inForce = next;
        },
        line(start, end, frame) {
          expect(idAt(bytes, frame)).toBe(first + read.length);
          read.push({ text: bytes.toString('utf8', start, end), origin: inForce });
        },
      });
      expect(read).toEqual(given);
    });
  });

  it('has its frames where their ids say', () => {
    forAny((bytes, first, given) => {
      const frames = walk(bytes).filter(({ id }) => id !== undefined);
      expect(frames.map(({ id }) => id)).toEqual(given.map((_, index) => first + index));
      for (const { id, at, end } of frames) {
        expect(frameStart(bytes, 0, id as number)).toBe(at);
        expect(frameStart(bytes, at, id as number)).toBe(at);
        expect(frameEnd(bytes, 0, id as number)).toBe(end);
      }
      expect([...idsNamed(bytes)]).toEqual(expect.arrayContaining(frames.map(({ id }) => id)));
    });
  });

  it('has a line around each byte of its text, and around no byte of an origin', () => {
    forAny((bytes) => {
      visitEvents(bytes, {
        origin: () => undefined,
        line(start, end, frame) {
          for (let at = start; at < end; at++) {
            expect(lineAround(bytes, at)).toEqual({
              id: idAt(bytes, frame),
              start: frame,
              textStart: start,
              textEnd: end,
            });
          }
        },
      });
      for (const { at, end, origin } of walk(bytes)) {
        if (origin === undefined) continue;
        for (let byte = at; byte < end; byte++) expect(lineAround(bytes, byte)).toBeUndefined();
      }
    });
  });

  it('has the origin in force before each frame, and the next one after it', () => {
    forAny((bytes) => {
      const events = walk(bytes);
      for (const [index, { at }] of events.entries()) {
        const before = events.slice(0, index + 1).findLast((event) => event.origin !== undefined);
        const after = events.slice(index + 1).find((event) => event.origin !== undefined);
        expect(originBefore(bytes, at)).toBe(before?.at);
        expect(nextOrigin(bytes, at)).toBe(after?.at);
      }
    });
  });

  it('can be cut before the last frame within reach', () => {
    const property = fc.property(firstId, lines, fc.nat(2000), (first, given, limit) => {
      const bytes = encode(first, given);
      const expected = walk(bytes).findLast(({ id, at }) => id !== undefined && at > 0 && at <= limit);
      expect(lastFrameStart(bytes, limit)).toBe(expected?.at);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('consists of event lines, the last of which begins one wherever it is cut', () => {
    const property = fc.property(firstId, lines, fc.nat(), (first, given, cut) => {
      const whole = encode(first, given);
      const bytes = whole.subarray(0, cut % (whole.length + 1));
      const read = bytes.toString('latin1').split('\n');
      const last = read.pop() as string;
      expect(read.map((line) => line.slice(0, longestHead)).filter((line) => !isEventLine(line))).toEqual([]);
      expect(beginsEventLine(last)).toBe(true);
    });
    fc.assert(property, { numRuns: 300 });
  });
});

describe('what was not', () => {
  it.each(['id: ', 'id: x\n', 'id: 12', 'id:7\n', 'data: 7\n', ': 7\n', ''])('is no frame: %j', (given) => {
    expect(idAt(Buffer.from(given), 0)).toBeUndefined();
  });

  it.each(['event: hello\ndata: {}\n\n', 'event: origin\n', 'id: 7\n', ''])('is no origin: %j', (given) => {
    expect(originAt(Buffer.from(given), 0)).toBeUndefined();
  });

  it.each(['id: x', 'event: hello', ': comment', 'id: 12345678901234567', 'data'])('is no line: %j', (given) => {
    expect(isEventLine(given)).toBe(false);
  });
});
