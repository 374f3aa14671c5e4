import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { interleave } from '../../../../../agent/sources/command/pipes/interleave.ts';
import { WriteLog } from '../../../../../agent/sources/command/pipes/write-log.ts';
import { createDeferred } from '../../../../../agent/system/deferred.ts';

interface Written {
  pipe: number;
  text: string;
}

type Ready = number | 'events';

/** How a run goes: each time something can happen between two others, the next number says what. */
interface Fate {
  /** From 0 to 1. */
  next(): number;
  /** How often a write is heard of only later than its bytes can be read. */
  late?: number;
}

/**
 * Two pipes with what epoll and inotify say of them: epoll_wait gives what is ready in the order in which it became so,
 * what was ready the last time comes first (epoll(7), level-triggered), and each is read until it is empty. What
 * inotify says twice in a row it says once. Between any two steps the command may write.
 */
class Kernel {
  readonly writes = new WriteLog();
  readonly came: Written[] = [];
  readonly reads: ((take: (chunk: Buffer) => Promise<unknown> | undefined) => Promise<void>)[];
  private readonly texts = ['', ''];
  private readonly paused = new Set<number>();
  private readonly takes: ((chunk: Buffer) => Promise<unknown> | undefined)[] = [];
  private events: number[] = [];
  private unsaid: number[] = [];
  private ready: Ready[] = [];
  private polls = 0;

  private readonly script: Written[];
  private readonly bytes: number;
  private readonly fate: Fate;

  constructor(script: readonly Written[], fate: Fate) {
    this.script = [...script];
    this.bytes = joined(script).length;
    this.fate = fate;
    this.reads = [0, 1].map((pipe) => (take) => {
      this.takes[pipe] = take;
      return new Promise<void>(() => {});
    });
  }

  get isDone(): boolean {
    return this.script.length === 0 && joined(this.came).length === this.bytes;
  }

  /** What a reader does with bytes: done at once, or later. */
  take(pipe: number, chunk: Buffer): Promise<unknown> | undefined {
    this.came.push({ pipe, text: chunk.toString() });
    const turns = Math.floor(this.fate.next() * 6) - 2;
    return turns > 0 ? waitTurns(turns) : undefined;
  }

  /** One epoll_wait and what follows from it. */
  poll(): void {
    if (this.polls++ % 7 === 6) this.write();
    for (const pipe of [0, 1]) if (!this.paused.has(pipe)) this.markReady(pipe);
    this.hearLate();
    const reported = this.ready.filter((one) => this.isReadable(one));
    this.ready = [...reported];
    for (const one of reported) {
      this.mayWrite();
      if (one === 'events') this.hear();
      else this.read(one);
    }
    this.mayWrite();
  }

  private isReadable(one: Ready): boolean {
    return one === 'events' ? this.events.length > 0 : this.texts[one] !== '' && !this.paused.has(one);
  }

  private markReady(one: Ready): void {
    if (this.isReadable(one) && !this.ready.includes(one)) this.ready.push(one);
  }

  private mayWrite(): void {
    for (let count = Math.floor(this.fate.next() * 5) - 1; count > 0; count--) this.write();
  }

  private write(): void {
    const next = this.script.shift();
    if (next === undefined) return;
    const { pipe, text } = next;
    this.hearLate();
    this.texts[pipe] += text;
    this.markReady(pipe);
    if (this.fate.late !== undefined && this.fate.next() < this.fate.late) this.unsaid.push(pipe);
    else this.say(pipe);
  }

  private hearLate(): void {
    for (const pipe of this.unsaid.splice(0)) this.say(pipe);
  }

  private say(pipe: number): void {
    if (this.events.at(-1) !== pipe) this.events.push(pipe);
    this.markReady('events');
  }

  /** As `watchWrites` does. */
  private hear(): void {
    for (const pipe of this.events.splice(0)) this.writes.report(pipe);
  }

  private read(pipe: number): void {
    const chunk = Buffer.from(this.texts[pipe] as string);
    if (chunk.length === 0 || this.paused.has(pipe)) return;
    this.texts[pipe] = '';
    const taken = this.takes[pipe]?.(chunk);
    if (taken === undefined) return;
    this.paused.add(pipe);
    void taken.then(() => this.paused.delete(pipe));
  }
}

async function waitTurns(count: number): Promise<void> {
  for (let left = count; left > 0; left--) await turn();
}

/** What comes of a script that is read in some way. */
async function run(script: readonly Written[], fate: Fate): Promise<Written[]> {
  const kernel = new Kernel(script, fate);
  for (const [pipe, read] of interleave(kernel.reads, kernel.writes).entries()) {
    void read((chunk) => kernel.take(pipe, chunk));
  }
  for (let polls = 0; !kernel.isDone; polls++) {
    if (polls > 100_000) throw new Error(`hangs after ${JSON.stringify(kernel.came)}`);
    kernel.poll();
    await turn();
  }
  return kernel.came;
}

/** Numbers from 0 to 1, over and over. */
const fates = fc
  .array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 1, maxLength: 97 })
  .map((numbers) => {
    return () => {
      let at = 0;
      return () => numbers[at++ % numbers.length] as number;
    };
  });

const inTurn = fc
  .tuple(fc.nat({ max: 1 }), fc.integer({ min: 2, max: 60 }))
  .map(([first, count]) => Array.from({ length: count }, (_, at) => ({ pipe: (first + at) % 2, text: `${at}\n` })));

/** As `sh -x` writes: a line is several writes. */
const inTurnAndInPieces = inTurn.chain((lines) =>
  fc
    .array(fc.integer({ min: 1, max: 4 }), { minLength: lines.length, maxLength: lines.length })
    .map((counts) => lines.flatMap(({ pipe, text }, at) => inPieces(text, counts[at] as number, pipe))),
);

function inPieces(line: string, count: number, pipe: number): Written[] {
  const begun = Array.from({ length: count - 1 }, (_, at) => `${at ? ' ' : '+ '}x`);
  return [...begun, line].map((text) => ({ pipe, text }));
}

/** Lines of one pipe, then lines of the other one. */
const inTwoRuns = fc
  .tuple(fc.nat({ max: 1 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }))
  .map(([first, count, next]) =>
    Array.from({ length: count + next }, (_, at) => ({ pipe: at < count ? first : 1 - first, text: `${at}\n` })),
  );

const anything = fc.array(
  fc.record({
    pipe: fc.nat({ max: 1 }),
    text: fc.constantFrom('a\n', 'a\nb\n', 'no end', '\n', '\nc', 'x'.repeat(999)),
  }),
  { maxLength: 60 },
);

const joined = (pieces: readonly Written[]) => pieces.map(({ text }) => text).join('');

test.each([
  ['the first', [1, 0]],
  ['the second', [0, 1]],
])('what was written before either pipe is read comes in its order: %s of them is read first', async (_, order) => {
  const writes = new WriteLog();
  for (const pipe of order) writes.report(pipe);
  const came: string[] = [];
  const reads = ['out\n', 'err\n'].map((text) => async (take: (chunk: Buffer) => Promise<unknown> | undefined) => {
    await take(Buffer.from(text));
  });
  const passed = interleave(reads, writes).map((read) => read((chunk) => void came.push(chunk.toString().trim())));
  await Promise.all(passed);
  expect(came).toEqual(order.map((pipe) => ['out', 'err'][pipe]));
});

describe('two pipes', () => {
  test('lines written in turn come in their order, whenever they are read', async () => {
    await fc.assert(
      fc.asyncProperty(inTurn, fates, async (script, createNext) => {
        expect(joined(await run(script, { next: createNext() }))).toBe(joined(script));
      }),
      { numRuns: 1000 },
    );
  });

  // What is heard may be of the beginning of a line that is taken, and of its end that is not written yet.
  test('so do lines that are written piece by piece, but for one in thousands', async () => {
    const runs = fc.sample(fc.tuple(inTurnAndInPieces, fates), 500);
    let others = 0;
    for (const [script, createNext] of runs) {
      if (joined(await run(script, { next: createNext() })) !== joined(script)) others++;
    }
    expect(others).toBeLessThan(4);
  });

  test('all lines of one come before those that were written to the other afterwards', async () => {
    await fc.assert(
      fc.asyncProperty(inTwoRuns, fates, async (script, createNext) => {
        expect(joined(await run(script, { next: createNext() }))).toBe(joined(script));
      }),
      { numRuns: 1000 },
    );
  });

  test('whatever is written, and whatever is heard of it late: all of it comes, each pipe in its order', async () => {
    await fc.assert(
      fc.asyncProperty(anything, fates, fc.double({ min: 0, max: 1 }), async (script, createNext, late) => {
        const came = await run(script, { next: createNext(), late });
        for (const pipe of [0, 1]) {
          const own = ({ pipe: of }: Written) => of === pipe;
          expect(joined(came.filter(own))).toBe(joined(script.filter(own)));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('what is read', () => {
  /** A pipe whose reader gets what `give` is called with, until its end. */
  function pipe() {
    let take: (chunk: Buffer) => Promise<unknown> | undefined = () => undefined;
    const end = createDeferred();
    return {
      read(taker: typeof take): Promise<void> {
        take = taker;
        return end.promise;
      },
      give: (text: string) => take(Buffer.from(text)),
      end: end.resolve,
    };
  }

  function bothOf(writes = new WriteLog()) {
    const [out, err, came] = [pipe(), pipe(), [] as string[]];
    const reads = interleave([out.read, err.read], writes).map((read, at) => {
      return read((chunk) => void came.push(`${at}:${chunk}`));
    });
    return { out, err, came, ended: Promise.all(reads) };
  }

  it.each([
    ['a line for each write', [0, 1, 0, 1], ['1\n3\n', '2\n4\n'], ['0:1\n', '1:2\n', '0:3\n', '1:4\n']],
    [
      'the rest with the last write',
      [1, 0, 1, 0],
      ['a\nb\nc\n', 'x\ny\nz\n'],
      ['1:x\n', '0:a\n', '1:y\nz\n', '0:b\nc\n'],
    ],
    ['a write whose bytes were not read yet', [1, 0, 1], ['a\nb\n', 'x\n'], ['1:x\n', '0:a\nb\n']],
    ['bytes of whose write nothing was heard', [0], ['a\nb\n', 'x\n'], ['0:a\nb\n', '1:x\n']],
    ['text without line ends', [0, 1, 0], ['a\nb', '?'], ['0:a\n', '1:?', '0:b']],
    ['one pipe alone', [0, 1, 0], ['a\nb\n', ''], ['0:a\n', '0:b\n']],
  ])(
    'is cut where it was written, as far as that is known: %s',
    async (_, pipes, [first = '', second = ''], pieces) => {
      const writes = new WriteLog();
      for (const pipe of pipes) writes.report(pipe);
      const { out, err, came, ended } = bothOf(writes);
      out.give(first);
      if (second !== '') err.give(second);
      for (const one of [out, err]) one.end();
      await ended;
      expect(came).toEqual(pieces);
    },
  );

  it('is passed on at once where it is a line by itself', async () => {
    const { out, err, came } = bothOf();
    for (const [at, pipe] of [out, out, err].entries()) {
      // After the beginning, and after each line, it is quiet.
      await waitTurns(8);
      pipe.give(`${at}\n`);
      expect(came).toHaveLength(at + 1);
    }
    expect(came).toEqual(['0:0\n', '0:1\n', '1:2\n']);
  });

  it('is passed on at once where it is so much that no order is known', async () => {
    const { out, came } = bothOf();
    for (const count of [1, 2]) {
      expect(out.give('1\n'.repeat(20_000))).toBeUndefined();
      expect(came).toHaveLength(count);
    }
  });

  it('waits as soon as it is much, or comes all the time', async () => {
    const { out, err, came } = bothOf();
    const isHeld = () => came.length === 0;
    out.give('1\n2\n');
    const much = err.give('x'.repeat(20_000)) ?? err.give('y'.repeat(20_000));
    expect([much, isHeld()]).toEqual([expect.any(Promise), true]);
    await much;
    expect(came.map((piece) => piece.slice(0, 3))).toEqual(['0:1', '1:x']);

    let wait: Promise<unknown> | undefined;
    let lines = 0;
    for (; wait === undefined; await waitTurns(1)) wait = out.give(`${lines++}\nmore\n`);
    await wait;
    expect(lines).toBeLessThan(100);
    expect(came).toHaveLength(3);
  });

  it('has come to its end once the last of it is taken', async () => {
    const [out, err] = [pipe(), pipe()];
    const [first, second] = interleave([out.read, err.read], new WriteLog());
    const last = [createDeferred(), createDeferred<never>()];
    const began = createDeferred();
    const ends = [
      first?.(() => last[0]?.promise),
      second?.(() => {
        began.resolve();
        return last[1]?.promise;
      }),
    ];
    const ended: number[] = [];
    for (const [at, end] of ends.entries()) void end?.then(() => ended.push(at)).catch(() => {});
    out.give('1\n2\n');
    err.give('3\n4\n');
    out.end();
    err.end();
    await waitTurns(8);
    expect(ended).toEqual([]);
    last[0]?.resolve();
    await began.promise;
    await waitTurns(8);
    expect(ended).toEqual([0]);
    last[1]?.reject(new Error('full'));
    await expect(ends[1]).rejects.toThrow('full');
  });

  it('fails for the pipe whose bytes can not be taken, and goes on for the other', async () => {
    const [out, err] = [pipe(), pipe()];
    const [first, second] = interleave([out.read, err.read], new WriteLog());
    const came: string[] = [];
    const taken = [first?.(() => Promise.reject(new Error('closed'))), second?.((chunk) => void came.push(`${chunk}`))];
    out.give('1\n2\n');
    err.give('3\n4\n');
    await expect(taken[0]).rejects.toThrow('closed');
    await expect(out.give('5\n')).rejects.toThrow('closed');
    err.end();
    await taken[1];
    expect(came).toEqual(['3\n4\n']);
  });
});
