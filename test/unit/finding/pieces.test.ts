import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharedFactsOf } from '../../../agent/finding/block-facts.ts';
import { createLineFinder } from '../../../agent/finding/find-lines.ts';
import type { KnownLines } from '../../../agent/finding/known-lines.ts';
import type { LineQuery } from '../../../agent/finding/line-query.ts';
import type { TextPattern } from '../../../agent/finding/pattern/text-pattern.ts';
import { isAmidLine, mostPieces, startBefore } from '../../../agent/finding/records/piece-reach.ts';
import { type SearchEnd, type SearchNews, type SearchRequest, search } from '../../../agent/finding/search.ts';
import { answerHistogram } from '../../../agent/finding/survey/requests.ts';
import { createSurvey, knownLinesOf } from '../../../agent/finding/survey/survey.ts';
import type { Origin } from '../../../agent/words/line.ts';
import { parseLines, type WireLine } from '../../support/event-text.ts';
import { batchOf } from '../../support/journal.ts';
import { amountOf } from '../../support/sweep.ts';
import { rememberedJournal, type SyntheticLine, syntheticJournal } from '../../support/synthetic-journal.ts';

const time = Date.UTC(2026, 10, 28, 9);
const speakers: readonly Partial<Origin>[] = [{}, { stream: 'stderr' }, { source: 'b' }];

/** A line of a speaker, and the pieces that it is in. */
interface Line {
  speaker: number;
  pieces: string[];
}

/** A log as it is in pieces, and with its lines unbroken, each where its last piece is. */
interface Log {
  pieces: SyntheticLine[];
  lines: SyntheticLine[];
  /** Of each line the id of its last piece. */
  ids: number[];
}

const words = fc.constantFrom('alpha', 'beta', 'x', ' ', 'é', 'e\u0301', '\x1b[31m', '\x1b[0m', 'Error: ', 'GAMMA');
const text = fc.array(words, { maxLength: 6 }).map((parts) => parts.join(''));

function cut(whole: string, places: readonly number[]): string[] {
  const characters = [...whole];
  const at = [...new Set(places.map((place) => place % (characters.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((start, i) => characters.slice(start, at[i]).join(''));
}

const line = (most: number) =>
  fc
    .tuple(fc.nat(speakers.length - 1), text, fc.array(fc.nat(40), { maxLength: most - 1 }))
    .map(([speaker, whole, places]): Line => ({ speaker, pieces: cut(whole, places) }));

/** Lines of several speakers whose pieces are mixed, up to a place where each of them is whole. */
const mixed = fc
  .tuple(
    fc.uniqueArray(line(5), { selector: ({ speaker }) => speaker, minLength: 1, maxLength: 3 }),
    fc.infiniteStream(fc.nat(2)),
  )
  .map(([lines, turns]) => {
    const left = lines.map(({ pieces }) => [...pieces]);
    const said: { of: Line; piece: string }[] = [];
    while (left.some((pieces) => pieces.length > 0)) {
      const turn = (turns.next().value as number) % lines.length;
      const piece = left[turn]?.shift();
      if (piece !== undefined) said.push({ of: lines[turn] as Line, piece });
    }
    return said;
  });

/** More lines than are near enough to anything. */
const filler = fc.integer({ min: 1, max: 90 }).map((lines) =>
  Array.from({ length: lines }, () => {
    const of: Line = { speaker: 0, pieces: ['filler'] };
    return { of, piece: 'filler' };
  }),
);

const log = fc
  .tuple(
    fc.array(fc.oneof({ weight: 5, arbitrary: mixed }, { weight: 1, arbitrary: filler }), {
      minLength: 1,
      maxLength: 8,
    }),
    fc.boolean(),
  )
  .map(([parts, isCut]): Log => {
    const said = new Map<Line, number>();
    // The lines of the last part go on, and nothing comes any more.
    const last = new Set(parts.at(-1)?.map(({ of }) => of));
    const isOfSpeakers = new Set([...last].map(({ speaker }) => speaker)).size === last.size;
    const open = isCut && isOfSpeakers ? last : new Set();
    const log: Log = { pieces: [], lines: [], ids: [] };
    for (const { of, piece } of parts.flat()) {
      const origin = { time, ...speakers[of.speaker] };
      const count = (said.get(of) ?? 0) + 1;
      said.set(of, count);
      const isLast = count === of.pieces.length;
      const goesOn = !isLast || open.has(of);
      const id = log.pieces.push({ text: piece, origin: goesOn ? { ...origin, continued: true } : origin });
      if (!isLast) continue;
      log.lines.push({ text: of.pieces.join(''), origin });
      log.ids.push(id);
    }
    return log;
  });

const pattern = (given: Partial<TextPattern>): TextPattern => ({
  ...{ text: '', isRegex: false, case: 'smart', isWord: false },
  ...given,
});
const patterns = fc.constantFrom(
  ...['alpha', 'xalpha', 'betax', 'é', 'GAMMA'].map((one) => pattern({ text: one })),
  ...['^alpha', 'beta$', '^$', '^[^x]*$', 'a.*x.*b', '^.{3,9}$'].map((one) => pattern({ text: one, isRegex: true })),
  pattern({ text: 'alpha', isWord: true }),
  pattern({ text: 'alphabeta', isWhole: true }),
  pattern({ text: '.*x', isRegex: true, isWhole: true }),
);
const query = fc.record({
  pattern: fc.option(patterns, { nil: undefined }),
  also: fc.array(patterns, { maxLength: 2 }),
  not: fc.array(patterns, { maxLength: 2 }),
  stream: fc.constantFrom(undefined, 'stderr' as const),
  before: fc.nat(2),
  after: fc.nat(2),
});

function queryOf({
  pattern,
  stream,
  ...rest
}: typeof query extends fc.Arbitrary<infer Given> ? Given : never): LineQuery {
  return {
    ...rest,
    ...(pattern !== undefined && { pattern }),
    ...(stream !== undefined && { selection: { stream: [stream] } }),
  } as LineQuery;
}

interface Answer {
  lines: WireLine[];
  end: SearchEnd;
}

async function answer(
  log: readonly SyntheticLine[],
  blockLines: number,
  asked: Partial<SearchRequest>,
): Promise<Answer> {
  return answerOf(rememberedJournal(log, blockLines), {
    ...{ query: { not: [], before: 0, after: 0 }, from: 1, to: log.length, isComplete: true },
    ...asked,
  });
}

async function answerOf(
  journal: ReturnType<typeof rememberedJournal>,
  request: SearchRequest,
  known?: KnownLines,
): Promise<Answer> {
  let body = '';
  const control = {
    isCancelled: false,
    send(news: SearchNews) {
      if (news.type === 'lines') body += news.bytes.toString();
    },
  };
  const end = await search(journal, request, control, known);
  return { lines: parseLines(body), end };
}

const blockLines = fc.constantFrom(1, 2, 3, 5, 9, 40, 1000);
/** Of an unbroken log, with the ids that the lines have in pieces. */
const withoutFirstId = ({ origin: { firstId, ...origin }, ...line }: WireLine) => ({ ...line, origin });
const renumbered = (found: readonly WireLine[], ids: readonly number[]) =>
  found.map((line) => ({ ...line, id: ids[line.id - 1] }));

describe('a line in pieces', () => {
  it('is found, counted and surrounded as the same line in one, under the id of its last piece', async () => {
    const most = fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(
        log,
        query.map(queryOf),
        most,
        fc.constantFrom('limit', 'tail'),
        blockLines,
        async ({ pieces, lines, ids }, query, most, which, blockLines) => {
          const asked = { query, ...(most !== undefined && { [which]: most }) };
          const unbroken = await answer(lines, 1000, asked);
          const whole = await answer(pieces, blockLines, asked);
          expect(whole.lines.map(withoutFirstId)).toEqual(renumbered(unbroken.lines, ids));
          expect(whole.end.matches).toBe(unbroken.end.matches);
        },
      ),
      { numRuns: amountOf(300, 5000) },
    );
  });

  it('is found by whoever resumes, wherever the search before has ended', async () => {
    await fc.assert(
      fc.asyncProperty(log, query.map(queryOf), fc.nat(), blockLines, async ({ pieces }, query, place, blockLines) => {
        const whole = (await answer(pieces, blockLines, { query })).lines;
        const to = 1 + (place % pieces.length);
        const head = await answer(pieces, blockLines, { query, to, isComplete: to === pieces.length });
        const from = Math.max(head.end.safeId, head.lines.at(-1)?.id ?? 0) + 1;
        const rest = (await answer(pieces, blockLines, { query, from, isResumed: true })).lines;
        expect([...head.lines, ...rest]).toEqual(whole);
      }),
      { numRuns: amountOf(300, 5000) },
    );
  });

  it('is found by a search that knows which lines are whole', async () => {
    const long = (id: number): SyntheticLine => {
      const isPiece = id % 9_000 < 3;
      const goesOn = isPiece && id % 9_000 < 2;
      return {
        text: isPiece ? `piece ${(id % 9_000) + 1}` : `line ${id}`,
        origin: { time, ...(isPiece && { stream: 'stderr' }), ...(goesOn && { continued: true }) },
      };
    };
    const journal = syntheticJournal(80_000, long);
    const survey = createSurvey(journal);
    await survey.complete();
    const known = knownLinesOf(survey);
    expect([known.areWhole(10, 8_990), known.areWhole(8_000, 9_001)]).toEqual([false, false]);
    const query = { pattern: pattern({ text: 'piece 1piece 2piece 3' }), not: [], before: 0, after: 0 };
    const ids = [2, 9_002, 18_002, 27_002, 36_002, 45_002, 54_002, 63_002, 72_002];
    for (const [asked, found] of [
      [{}, ids.slice(1)],
      [{ tail: 3 }, ids.slice(-3)],
      [{ from: 63_002 }, ids.slice(-2)],
      [{ from: 36_001, to: 36_002 }, [36_002]],
    ] as const) {
      const { lines } = await answerOf(journal, { query, from: 1, to: 80_000, isComplete: true, ...asked }, known);
      expect(lines.map(({ id }) => id)).toEqual(found);
    }
    const plain = syntheticJournal(70_000, (id) => ({ text: `line ${id}`, origin: { time } }));
    const plainSurvey = createSurvey(plain);
    await plainSurvey.complete();
    expect(knownLinesOf(plainSurvey).areWhole(1, 70_000)).toBe(true);
  });

  it('is counted by a histogram as a search counts it', async () => {
    const plain = query.map((given) => queryOf({ ...given, before: 0, after: 0 }));
    await fc.assert(
      fc.asyncProperty(log, plain, fc.nat(), blockLines, async ({ pieces }, query, place, blockLines) => {
        const journal = rememberedJournal(pieces, blockLines);
        const from = 1 + (place % pieces.length);
        const survey = createSurvey(journal);
        const asked = { buckets: 3, from, to: pieces.length, waitMs: 10_000, query, isComplete: true };
        const { lines } = await answerHistogram(survey, journal, asked, () => true);
        expect(lines).toBe((await answer(pieces, blockLines, { query, from })).end.matches);
      }),
      { numRuns: amountOf(100, 5000) },
    );
  });

  it('is found by level as one', async () => {
    const origin = { time };
    const lines = [
      { text: 'INFO up', origin },
      { text: 'ERROR no ', origin: { ...origin, continued: true as const } },
      { text: 'route to ', origin: { ...origin, continued: true as const } },
      { text: 'the host', origin },
      { text: 'INFO down', origin },
    ];
    const journal = rememberedJournal(lines, 2);
    const known = knownLinesOf(createSurvey(journal));
    const query = { level: ['error' as const], not: [], before: 0, after: 0 };
    for (const levels of [known, undefined])
      for (const limited of [{ limit: 1 }, { tail: 1 }, {}]) {
        const { lines: found, end } = await answerOf(journal, { query, from: 1, to: 5, ...limited }, levels);
        expect([end.matches, found.map(({ id, text }) => [id, text])]).toEqual([
          1,
          [[4, 'ERROR no route to the host']],
        ]);
      }
  });

  it('is one in pieces for whoever asks for these: a match counts for the one in which it ends', async () => {
    const texts = ['a nee', 'dle and', ' a needle'];
    const log = texts.map((text, i) => ({ text, origin: i < 2 ? { continued: true as const } : {} }));
    const query = { pattern: pattern({ text: 'needle' }), not: [], before: 0, after: 0 };
    expect((await answer(log, 2, { query })).lines.map(({ id }) => id)).toEqual([3]);
    const byPiece = await answer(log, 2, { query: { ...query, isByPiece: true } });
    expect(byPiece.lines.map(({ id, text }) => [id, text])).toEqual([
      [2, texts[1]],
      [3, texts[2]],
    ]);
  });
});

describe('a line of many pieces', () => {
  const inPieces = (count: number, text: (i: number) => string): SyntheticLine[] =>
    Array.from({ length: count }, (_, i) => ({ text: text(i), origin: i < count - 1 ? { continued: true } : {} }));

  it('is looked at in parts, none of them of more than are held', async () => {
    const log = inPieces(3 * mostPieces + 1, (i) => `${i}.`);
    const { lines } = await answer(log, 7, {
      query: { pattern: pattern({ text: '.' }), not: [], before: 0, after: 0 },
    });
    expect(lines.map(({ id }) => id)).toEqual([mostPieces, 2 * mostPieces, 3 * mostPieces, 3 * mostPieces + 1]);
    expect(lines.map(({ text }) => text).join('')).toBe(log.map(({ text }) => text).join(''));
  });

  it('loses nothing for whoever resumes, wherever the reading before has ended and whatever it has cut', async () => {
    const speakersOf = (log: readonly number[]) =>
      log.map((speaker, i) => ({
        text: `n${i + 1};`,
        origin: { time, source: `s${speaker}`, continued: true as const },
      }));
    const many = fc
      .integer({ min: 1, max: 12 })
      .chain((most) => fc.array(fc.nat(most - 1), { minLength: 1, maxLength: 150 }));
    await fc.assert(
      fc.asyncProperty(many.map(speakersOf), fc.nat(), blockLines, async (log, place, blockLines) => {
        const query = { pattern: pattern({ text: ';' }), not: [], before: 0, after: 0 };
        const to = 1 + (place % log.length);
        const head = await answer(log, blockLines, { query, to, isComplete: false });
        const from = Math.max(head.end.safeId, head.lines.at(-1)?.id ?? 0) + 1;
        const rest = await answer(log, blockLines, { query, from, isResumed: true });
        const said = [...head.lines, ...rest.lines].map(({ text }) => text).join('');
        expect(log.filter(({ text }) => !said.includes(text))).toEqual([]);
      }),
      { numRuns: amountOf(150, 5000) },
    );
  });

  it('is found where a match goes from one part into the next', async () => {
    const log = inPieces(60, (i) => (i % 2 === 0 ? 'nee' : `dle${i} and `));
    for (let i = 0; i < 59; i++) {
      const sought = pattern({ text: i % 2 === 0 ? `needle${i + 1} ` : `${i} and nee` });
      const { lines } = await answer(log, 5, { query: { pattern: sought, not: [], before: 0, after: 0 } });
      expect(lines.map(({ text }) => text.includes('dle'))).toContain(true);
    }
  });

  it('of as many speakers, all of which go on, takes no more memory than one', async () => {
    const log = Array.from({ length: 400 }, (_, i) => ({
      text: `piece ${i}`,
      origin: { source: `source ${i % 40}`, continued: true as const },
    }));
    const finder = createLineFinder(
      { pattern: pattern({ text: 'piece' }), not: [], before: 0, after: 0 },
      { firstId: 1, firstSource: undefined },
    );
    const cursor = rememberedJournal(log, 10).read(1);
    let sent = 0;
    for (let block = await cursor.next(); block?.type === 'block'; block = await cursor.next()) {
      for (const { text } of parseLines(finder.take(block, 1000).bytes.toString()))
        sent += text.split('piece').length - 1;
      expect(block.lastId - sent).toBeLessThan(mostPieces);
    }
  });
});

describe('where a reading begins', () => {
  it('is a matter of some megabytes, also where a line is endless', async () => {
    const text = 'x'.repeat(256 * 1024);
    const journal = syntheticJournal(100_000, () => ({ text, origin: { continued: true } }));
    let bytes = 0;
    const counted = {
      firstId: 1,
      lastId: journal.lastId,
      read(from: number, to?: number) {
        const cursor = journal.read(from, to);
        return {
          ...cursor,
          // Four of them are a block, as a journal has it.
          async next() {
            const at = cursor.nextId;
            const block = at > (to ?? at) ? undefined : await journal.read(at, Math.min(to ?? at, at + 3)).next();
            if (block?.type === 'block') {
              bytes += block.bytes.length;
              cursor.seek(block.lastId + 1);
            }
            return block;
          },
        };
      },
    };
    const start = await startBefore(counted, 90_000, 0, {});
    expect(90_000 - start).toBeGreaterThanOrEqual(mostPieces);
    expect(bytes).toBeLessThan(64 * 1024 * 1024);
  });

  it('is the line itself where no line is in pieces', async () => {
    const journal = syntheticJournal(30_000, (id) => ({ text: `line ${id}`, origin: {} }));
    expect(await startBefore(journal, 20_000, 3, {})).toBe(19_997);
    expect(await isAmidLine(journal, 20_000, {})).toBe(false);
  });

  it('costs whoever follows a log no more than what has come, where no line is in pieces', async () => {
    let read = 0;
    const journal = syntheticJournal(30_000, (id) => {
      read++;
      return { text: `line ${id}` };
    });
    await startBefore(journal, journal.lastId + 1, 3, {});
    read = 0;
    for (let count = 0; count < 100; count++) {
      journal.lastId += 2;
      await startBefore(journal, journal.lastId + 1, 3, {});
    }
    expect(read).toBe(200);
  });

  it('is a matter of some megabytes for whoever looks again after long lines, or after one in pieces', async () => {
    const text = 'x'.repeat(8 * 1024);
    let bytes = 0;
    const journal = syntheticJournal(20_000, (id) => {
      const line = id > 20_000 && id <= 29_000 ? { text } : { text: `line ${id}` };
      bytes += line.text.length;
      return id === 29_000 ? { ...line, origin: { continued: true } } : line;
    });
    await startBefore(journal, 20_001, 0, {});
    bytes = 0;
    journal.lastId = 28_999;
    await startBefore(journal, 29_000, 0, {});
    expect(bytes).toBeLessThan(48 * 1024 * 1024);
    bytes = 0;
    for (journal.lastId = 29_001; journal.lastId < 29_010; journal.lastId++) {
      await startBefore(journal, journal.lastId + 1, 0, {});
    }
    expect(bytes / 9).toBeLessThan(48 * 1024 * 1024);
  });

  it('is the same for whoever has looked before', async () => {
    const long = 'x'.repeat(16 * 1024);
    const look = fc.record({
      come: fc.oneof(fc.nat(3), fc.nat(20_000)),
      gone: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(5000) }),
      before: fc.oneof({ weight: 3, arbitrary: fc.nat(2) }, { weight: 1, arbitrary: fc.nat(15_000) }),
      lines: fc.oneof(fc.constant(0), fc.nat(300)),
    });
    const between = fc.oneof(fc.nat(3), fc.nat(12_000), fc.nat(40_000));
    const looks = fc.array(look, { minLength: 2, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(between, { maxLength: 6 }), fc.nat(9), looks, async (distances, longs, all) => {
        let at = 0;
        const pieces = new Set(distances.map((distance) => (at += distance)));
        // A stretch of long ones is more than what is looked through.
        const textOf = (id: number) => (Math.floor(id / 2000) % 10 < longs ? 'x' : long);
        const journal = syntheticJournal(0, (id) => ({
          text: textOf(id),
          origin: pieces.has(id) ? { continued: true } : {},
        }));
        for (const { come, gone, before, lines } of all) {
          journal.lastId += come;
          journal.firstId = Math.min(journal.lastId + 1, journal.firstId + gone);
          const id = Math.max(journal.firstId, journal.lastId + 1 - before);
          const afresh = { firstId: journal.firstId, lastId: journal.lastId, read: journal.read };
          const [start, other] = [await startBefore(journal, id, lines, {}), await startBefore(afresh, id, lines, {})];
          if (start === other) continue;
          // Who looks at them all at once may see a piece that is too far away to go on.
          let bytes = 0;
          for (let at = Math.max(start, other); at < id; at++) bytes += textOf(at).length;
          expect(bytes).toBeGreaterThanOrEqual(16 * 1024 * 1024);
        }
      }),
      { numRuns: amountOf(8, 300) },
    );
  });
});

it('many searches that hold the pieces of a line hold the same ones, also of a slice without an origin', () => {
  const { bytes, length } = batchOf(1, ['a', 'b', 'c', 'd'], { time, continued: true });
  const slice = { bytes: Buffer.from(bytes.subarray(bytes.indexOf('id: 2'), length)), firstId: 2, lastId: 4 };
  const facts = sharedFactsOf(slice);
  const [one, other] = [1, 2].map(() => facts.joined(new Map(), { time, continued: true }, 1));
  expect(one).toBe(other);
  expect([...(one?.open.values() ?? [])].map(({ ids }) => ids)).toEqual([[2, 3, 4]]);
});

describe('a line that has not ended', () => {
  const open: SyntheticLine[] = [
    { text: 'one', origin: {} },
    { text: 'needle and ', origin: { continued: true } },
  ];
  const query = { pattern: pattern({ text: 'needle' }), not: [pattern({ text: 'nobody' })], before: 0, after: 0 };

  it('is found as it is where nothing will come any more', async () => {
    for (const asked of [{}, { tail: 1 }]) {
      const { lines, end } = await answer(open, 10, { query, isComplete: true, ...asked });
      expect([lines.map(({ id, text }) => [id, text]), end.matches]).toEqual([[[2, 'needle and ']], 1]);
    }
  });

  it('waits for its end where something may come', async () => {
    for (const asked of [{}, { tail: 1 }]) {
      const { lines, end } = await answer(open, 10, { query, isComplete: false, ...asked });
      expect([lines, end.safeId, end.isAmidLine]).toEqual([[], 1, true]);
    }
  });

  it('holds up nobody who resumes, when many lines have come since', async () => {
    const others = Array.from({ length: 10_100 }, () => ({ text: 'other', origin: { stream: 'stderr' as const } }));
    const { end } = await answer([...open, ...others], 7, { query, isComplete: false });
    expect([end.safeId, end.isAmidLine]).toEqual([10_102, false]);
  });

  it('is found in its place where lines after it are found as well', async () => {
    const other = (text: string) => ({ text, origin: { stream: 'stderr' as const } });
    const log = [...open, other('a needle'), other('up'), other('needle')];
    for (const blockLines of [1, 2, 10])
      for (const [asked, ids] of [
        [{}, [2, 3, 5]],
        [{ tail: 2 }, [3, 5]],
        [{ tail: 3 }, [2, 3, 5]],
        [{ limit: 1 }, [2]],
      ] as const) {
        const { lines } = await answer(log, blockLines, { query, ...asked });
        expect(lines.map(({ id }) => id)).toEqual(ids);
      }
  });

  it('is found as it is before lines that are missing', async () => {
    const finder = createLineFinder(query, { firstId: 1, firstSource: undefined });
    const cursor = rememberedJournal(open, 10).read(1);
    const block = await cursor.next();
    if (block?.type !== 'block') throw new Error('no block');
    expect(finder.take(block, 9).matches).toBe(0);
    expect(parseLines(finder.endLines(9).bytes.toString()).map(({ id }) => id)).toEqual([2]);
    expect(finder.endLines(9).matches).toBe(0);
  });
});
