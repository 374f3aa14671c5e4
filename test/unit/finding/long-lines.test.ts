import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineFinder } from '../../../agent/finding/find-lines.ts';
import type { LineQuery } from '../../../agent/finding/line-query.ts';
import type { TextPattern } from '../../../agent/finding/pattern/text-pattern.ts';
import { createLineJoiner, pieceReach } from '../../../agent/finding/records/long-lines.ts';
import { type SearchEnd, type SearchNews, type SearchRequest, search } from '../../../agent/finding/search.ts';
import { answerHistogram } from '../../../agent/finding/survey/requests.ts';
import { createSurvey, knownLinesOf } from '../../../agent/finding/survey/survey.ts';
import type { Origin } from '../../../agent/words/line.ts';
import { parseLines, type WireLine } from '../../support/event-text.ts';
import { rememberedJournal, type SyntheticLine } from '../../support/synthetic-journal.ts';

const time = Date.UTC(2026, 10, 28, 9);
const speakers: readonly Partial<Origin>[] = [{}, { stream: 'stderr' }, { source: 'b' }];

/** A line of a speaker, and the pieces that it is in. */
interface Line {
  speaker: number;
  pieces: string[];
}

/** A log, as it is in pieces and with its lines unbroken. */
interface Log {
  pieces: SyntheticLine[];
  lines: SyntheticLine[];
  /** Of each piece which line it is of. */
  lineOf: number[];
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

const log = fc.array(mixed, { minLength: 1, maxLength: 8 }).map((parts): Log => {
  const pieces: SyntheticLine[] = [];
  const lines: SyntheticLine[] = [];
  const lineOf: number[] = [];
  const numbers = new Map<Line, number>();
  const said = new Map<Line, number>();
  for (const { of, piece } of parts.flat()) {
    const origin = { time, ...speakers[of.speaker] };
    const count = (said.get(of) ?? 0) + 1;
    said.set(of, count);
    pieces.push({ text: piece, origin: count < of.pieces.length ? { ...origin, continued: true } : origin });
    if (!numbers.has(of)) numbers.set(of, lines.push({ text: of.pieces.join(''), origin }));
    lineOf.push(numbers.get(of) as number);
  }
  return { pieces, lines, lineOf };
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
  const journal = rememberedJournal(log, blockLines);
  let body = '';
  const control = {
    isCancelled: false,
    send(news: SearchNews) {
      if (news.type === 'lines') body += news.bytes.toString();
    },
  };
  const request = { query: { not: [], before: 0, after: 0 }, from: 1, to: log.length, ...asked };
  const end = await search(journal, request, control);
  return { lines: parseLines(body), end };
}

const isMatch = ({ origin }: WireLine) => origin.context !== true;
const blockLines = fc.integer({ min: 1, max: 9 });

describe('a line in pieces', () => {
  it('is found, counted and surrounded as the same line in one', async () => {
    const most = fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(
        log,
        query.map(queryOf),
        most,
        fc.constantFrom('limit', 'tail'),
        blockLines,
        async ({ pieces, lines, lineOf }, query, most, which, blockLines) => {
          const asked = { query, ...(most !== undefined && { [which]: most }) };
          const unbroken = await answer(lines, 1000, asked);
          const whole = await answer(pieces, blockLines, { ...asked, areWhole: true });
          const numbers = (found: readonly WireLine[]) => found.map(({ id }) => lineOf[id - 1]);
          expect(
            whole.lines.map(({ id, text, origin: { lastId: _, ...origin } }) => [lineOf[id - 1], text, origin]),
          ).toEqual(unbroken.lines.map(({ id, text, origin }) => [id, text, origin]));
          expect(whole.end.matches).toBe(unbroken.end.matches);

          const broken = await answer(pieces, blockLines, asked);
          expect(broken.end.matches).toBe(unbroken.end.matches);
          const ids = broken.lines.map(({ id }) => id);
          expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
          // A line between the pieces of another one that were sent may be context of a later one.
          if (query.before > 0 && lineOf.some((line, i) => line < (lineOf[i - 1] ?? 0))) return;
          expect(new Set(numbers(broken.lines.filter(isMatch)))).toEqual(
            new Set(unbroken.lines.filter(isMatch).map(({ id }) => id)),
          );
          // All pieces of each line, just as they are in the journal.
          const shown = new Set(unbroken.lines.map(({ id }) => id));
          expect(broken.lines.map(({ id, text, origin: { context: _, ...origin } }) => ({ id, text, origin }))).toEqual(
            pieces.flatMap(({ text, origin }, i) =>
              shown.has(lineOf[i] as number) ? [{ id: i + 1, text, origin }] : [],
            ),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it('comes with a match where it is around one, whichever blocks it is in', async () => {
    const near = pattern({ text: 'needle' });
    const long: SyntheticLine[] = ['a', 'b', 'c'].map((text, i) => ({
      text,
      origin: i < 2 ? { continued: true } : {},
    }));
    const log = [...long, { text: 'needle', origin: {} }, ...long, { text: 'far', origin: {} }];
    for (const blockLines of [1, 2, 3, 100]) {
      const query = { pattern: near, not: [], before: 1, after: 1 };
      const { lines, end } = await answer(log, blockLines, { query, tail: 1 });
      expect([lines.map(({ id }) => id), end.matches]).toEqual([[1, 2, 3, 4, 5, 6, 7], 1]);
    }
  });
});

/** Also those that are longer than a search looks at as one. */
const veryLong = fc
  .array(
    fc.oneof(
      mixed,
      fc.tuple(fc.integer({ min: 1, max: 100 }), fc.array(fc.nat(99), { maxLength: 4 })).map(([length, marked]) => {
        const pieces = Array.from({ length }, (_, i) => (marked.includes(i) ? 'alpha' : 'x'));
        const of: Line = { speaker: 0, pieces };
        return pieces.map((piece) => ({ of, piece }));
      }),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((parts): SyntheticLine[] => {
    const said = new Map<Line, number>();
    return parts.flat().map(({ of, piece }) => {
      const count = (said.get(of) ?? 0) + 1;
      said.set(of, count);
      const origin = { time, ...speakers[of.speaker] };
      return { text: piece, origin: count < of.pieces.length ? { ...origin, continued: true } : origin };
    });
  });

const plain = query.map((given) => queryOf({ ...given, before: 0, after: 0 }));

describe('a line of any length', () => {
  it('is found in the same pieces wherever a search begins and ends', async () => {
    await fc.assert(
      fc.asyncProperty(veryLong, plain, fc.nat(), blockLines, async (log, query, place, blockLines) => {
        const whole = (await answer(log, blockLines, { query })).lines;
        const to = 1 + (place % log.length);
        const head = (await answer(log, blockLines, { query, to })).lines;
        const rest = (await answer(log, blockLines, { query, from: to + 1, isResumed: true })).lines;
        expect([...head, ...rest]).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  it('is counted by a histogram as a search counts it', async () => {
    await fc.assert(
      fc.asyncProperty(veryLong, plain, fc.nat(), async (log, query, place) => {
        const journal = rememberedJournal(log, 7);
        const from = 1 + (place % log.length);
        const survey = createSurvey(journal);
        const asked = { buckets: 3, from, to: log.length, waitMs: 10_000, query };
        const { lines } = await answerHistogram(survey, journal, asked, () => true);
        expect(lines).toBe((await answer(log, 7, { query, from })).end.matches);
      }),
      { numRuns: 100 },
    );
  });

  it('is held as far as it is looked at as one', async () => {
    await fc.assert(
      fc.asyncProperty(veryLong, blockLines, (log, blockLines) => {
        const joiner = createLineJoiner();
        const journal = rememberedJournal(log, blockLines);
        const cursor = journal.read(1);
        const take = async () => {
          for (let block = await cursor.next(); block?.type === 'block'; block = await cursor.next()) {
            joiner.join(block);
            expect(block.lastId - Math.min(joiner.heldFrom, block.lastId)).toBeLessThan(pieceReach + blockLines);
          }
        };
        return take();
      }),
    );
  });

  it('finds what goes from one part into the next', async () => {
    const pieces = Array.from({ length: 60 }, (_, i) => ({
      text: i % 2 === 0 ? 'nee' : `dle${i} and `,
      origin: i < 59 ? { continued: true as const } : {},
    }));
    for (let i = 0; i < 59; i++) {
      const query = {
        pattern: pattern({ text: i % 2 === 0 ? `needle${i + 1} ` : ` and nee`, isWord: false }),
        not: [],
        before: 0,
        after: 0,
      };
      const { lines } = await answer(pieces, 5, { query });
      expect(lines.filter(isMatch).map(({ id }) => id)).toContain(i + 2);
    }
  });
});

describe('a line that goes on after the log', () => {
  const open: SyntheticLine[] = [
    { text: 'one', origin: {} },
    { text: 'needle and ', origin: { continued: true } },
  ];
  const query = { pattern: pattern({ text: 'needle' }), not: [pattern({ text: 'nobody' })], before: 0, after: 0 };

  it('is looked at as it is where nothing else will be sent', async () => {
    const { lines, end } = await answer(open, 10, { query });
    expect([lines.map(({ id }) => id), end.safeId, end.isHolding]).toEqual([[2], 2, false]);
  });

  it('waits where the rest of it will be', async () => {
    const { lines, end } = await answer(open, 10, { query, isFollowed: true });
    expect([lines, end.safeId, end.isHolding]).toEqual([[], 1, true]);
  });

  it('is found by a live search when it is there', () => {
    const finder = createLineFinder(query, { firstId: 1, firstSource: undefined });
    const journal = rememberedJournal([...open, { text: 'more', origin: {} }, { text: 'needle', origin: {} }], 1);
    const cursor = journal.read(1);
    return (async () => {
      const found: number[][] = [];
      for (let block = await cursor.next(); block?.type === 'block'; block = await cursor.next()) {
        found.push(parseLines(finder.take(block, 9).bytes.toString()).map(({ id }) => id));
      }
      expect(found).toEqual([[], [], [2, 3], [4]]);
    })();
  });
});

it('lines whose levels are known are found by level as one', async () => {
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
  for (const limited of [{ limit: 1 }, { tail: 1 }, {}]) {
    let body = '';
    const query = { level: ['error' as const], not: [], before: 0, after: 0 };
    const control = {
      isCancelled: false,
      send(news: SearchNews) {
        if (news.type === 'lines') body += news.bytes.toString();
      },
    };
    const { matches } = await search(journal, { query, from: 1, to: 5, ...limited }, control, known);
    expect([matches, parseLines(body).map(({ id }) => id)]).toEqual([1, [2, 3, 4]]);
  }
});
