import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { chunkLines, levelCodeAt } from '../../../../agent/finding/chunks/chunk.ts';
import type { LineQuery } from '../../../../agent/finding/line-query.ts';
import { codeOf } from '../../../../agent/finding/lines/levels.ts';
import { createLineReader, type LineRecord } from '../../../../agent/finding/records/line-reader.ts';
import { type SearchControl, type SearchRequest, search } from '../../../../agent/finding/search.ts';
import { answerHistogram, answerOutline } from '../../../../agent/finding/survey/requests.ts';
import { createSurvey, knownLinesOf, type Survey } from '../../../../agent/finding/survey/survey.ts';
import { createPrecedence } from '../../../../agent/finding/thread/precedence.ts';
import { idAt, visitEvents } from '../../../../agent/frame/scan.ts';
import type { Journal } from '../../../../agent/journal/journal.ts';
import { until, within } from '../../../support/deadline.ts';
import { rememberedJournal, type SyntheticLine, syntheticJournal } from '../../../support/synthetic-journal.ts';

const longMs = 60_000;

function outlineOf(journal: Journal, survey = createSurvey(journal)) {
  return answerOutline(survey, journal, { to: journal.lastId, waitMs: longMs, isFinished: true });
}

function histogramOf(journal: Journal, survey = createSurvey(journal)) {
  const request = { buckets: 10, from: 1, to: journal.lastId, waitMs: longMs };
  return answerHistogram(survey, journal, request, () => true);
}

describe('records of several speakers', () => {
  const speakers = [{}, { stream: 'stderr' as const }, { source: 'web' }];
  const utterances: readonly string[][] = [
    ['worker 3 is done'],
    ['2026-11-28T10:00:00.123Z INFO up'],
    ['WARN slow'],
    ['Error: no route', '    at resolve (/srv/a.js:12:3)', '    at main (/srv/main.js:1:1)'],
    ['request failed', '\tat a.B.c(B.java:1)', 'Caused by: java.io.IOException: gone', '\tat d.E.f(E.java:2)'],
    ['{', '  "time": 1,', '  "level": "error",', '  "msg": "x"', '}'],
    ['Traceback (most recent call last):', '  File "a.py", line 1, in f', 'ValueError: needle'],
  ];
  /** What each of them says in turn, mixed with the others, from lines before an edge of two chunks on. */
  const mixed = fc
    .tuple(
      fc.array(fc.array(fc.constantFrom(...utterances), { minLength: 1, maxLength: 12 }), {
        minLength: speakers.length,
        maxLength: speakers.length,
      }),
      fc.infiniteStream(fc.nat({ max: speakers.length - 1 })),
    )
    .map(([said, turns]) => {
      const left = said.map((some) => some.flat());
      const lines: SyntheticLine[] = [];
      while (left.some(({ length }) => length > 0)) {
        const speaker = turns.next().value as number;
        const text = left[speaker]?.shift();
        if (text !== undefined) lines.push({ text, origin: speakers[speaker] as object });
      }
      return lines;
    });

  it('are counted once, and have the level that they say, also where they are of two chunks', async () => {
    await fc.assert(
      fc.asyncProperty(mixed, fc.nat({ max: 60 }), fc.boolean(), async (lines, before, isAtOnce) => {
        const start = chunkLines - before + 1;
        const lineOf = (id: number): SyntheticLine => lines[id - start] ?? { text: `ordinary ${id}` };
        const journal = syntheticJournal(chunkLines + 500, lineOf);
        const survey = createSurvey(journal);
        if (isAtOnce) await survey.complete();
        const levels = knownLinesOf(survey);
        await levels.know(start);
        await survey.complete();

        const reader = createLineReader();
        const records: LineRecord[] = lines.map(({ text, origin }) => {
          return reader.read(text, text, { time: 0, ...origin }).record;
        });
        const codes = lines.map((_, i) => {
          const chunk = survey.knownChunk(start + i);
          return chunk && levelCodeAt(chunk, start + i);
        });
        expect(codes).toEqual(records.map(({ level }) => codeOf(level)));
        const problems = [...new Set(records)].filter(({ level }) => level === 'error' || level === 'warn');
        const outline = await outlineOf(journal, survey);
        expect(outline.problems.map(({ id }) => id)).toEqual(problems.map((one) => start + records.indexOf(one)));
        expect(outline.errors + outline.warnings).toBe(problems.length);
        const { errors, warnings } = await histogramOf(journal, survey);
        expect([errors, warnings]).toEqual(
          ['error', 'warn'].map((level) => records.filter((record) => record.level === level).length),
        );
      }),
      { numRuns: 10 },
    );
  });
});

describe('a log of which retention has taken lines', () => {
  it('counts the lines that are there, and remembers no others', async () => {
    const journal = syntheticJournal(3 * chunkLines, (id) => ({ text: id % 1000 === 0 ? 'ERROR x' : 'ordinary' }));
    journal.firstId = 20_001;
    const survey = createSurvey(journal);
    const { lines, errors, known } = await histogramOf(journal, survey);
    expect({ lines, errors, known }).toEqual({
      lines: 3 * chunkLines - 20_000,
      errors: 98 - 20,
      known: [20_001, 3 * chunkLines],
    });

    const query = { level: ['error' as const], not: [], before: 0, after: 0 };
    const control = { send() {}, isCancelled: false };
    const find = () => search(journal, { query, from: 1, to: journal.lastId }, control, knownLinesOf(survey));
    expect((await find()).matches).toBe(78);
    journal.lastId = 6 * chunkLines;
    journal.firstId = 4 * chunkLines;
    await find();
    expect(survey.knownChunk(chunkLines)).toBeUndefined();
    expect(survey.knownChunk(5 * chunkLines)).toBeDefined();
  });
});

describe('levels of what is found', () => {
  it('are looked for only where something is', async () => {
    const journal = syntheticJournal(2 * chunkLines, (id) => ({ text: id === 50 ? 'ERROR x' : 'ordinary' }));
    const survey = createSurvey(journal);
    const control = { send() {}, isCancelled: false };
    const find = (text: string) => {
      const pattern = { text, isRegex: false, case: 'smart', isWord: false } as const;
      const request = {
        query: { pattern, not: [], before: 0, after: 0, hasLevels: true },
        from: 1,
        to: journal.lastId,
      };
      return search(journal, request, control, knownLinesOf(survey));
    };
    expect((await find('y is missing')).matches).toBe(0);
    expect(survey.known()).toEqual([]);
    expect((await find('x')).matches).toBe(1);
    expect(survey.knownChunk(50)?.errors).toBe(1);
  });
});

describe('a level and a time', () => {
  it('are looked for together: what says no time is of that of the lines before it', async () => {
    const lastWeek = Date.UTC(2026, 10, 20);
    const journal = syntheticJournal(2 * chunkLines, (id) => {
      return { text: id === 50_000 ? 'ERROR x' : `${new Date(lastWeek + id).toISOString()} ordinary` };
    });
    const query = { level: ['error' as const], not: [], before: 0, after: 0 };
    const control = { send() {}, isCancelled: false };
    const matches = async (since: number) => {
      const request = { query: { ...query, since }, from: 1, to: journal.lastId };
      const known = await search(journal, request, control, knownLinesOf(createSurvey(journal)));
      expect((await search(journal, request, control)).matches).toBe(known.matches);
      return known.matches;
    };
    expect(await matches(lastWeek + 40_000)).toBe(1);
    expect(await matches(Date.UTC(2026, 10, 25))).toBe(0);
  });
});

describe('the last lines of a level', () => {
  it('are found without reading lines of no other', async () => {
    const journal = syntheticJournal(4 * chunkLines, (id) => ({ text: id % 30_000 === 7 ? 'ERROR x' : 'ordinary' }));
    const survey = createSurvey(journal);
    await survey.complete();
    let linesRead = 0;
    const counting: Journal = Object.create(journal, {
      read: {
        value(from: number, to: number) {
          linesRead += to - from + 1;
          return journal.read(from, to);
        },
      },
    });
    const query = { level: ['error' as const], not: [], before: 0, after: 0 };
    const ids: number[] = [];
    const control = {
      send: (news: { type: string; id?: number }) => void (news.type === 'start' && ids.push(news.id as number)),
      isCancelled: false,
    };
    const request = { query, from: 1, to: journal.lastId, tail: 2 };
    const { matches } = await search(counting, request, control, knownLinesOf(survey));
    expect({ matches, ids }).toEqual({ matches: 2, ids: [90_007] });
    // The way back reads next to nothing; forwards a cursor is opened for the rest.
    expect(linesRead).toBeLessThan(journal.lastId - 90_007 + 2000);
  });
});

describe('an output of nothing but markers', () => {
  it('is known within bounds, the first error of a thousand warnings too', async () => {
    const journal = syntheticJournal(8 * chunkLines, (id) => {
      if (id === 5000) return { text: '::error file=a.c,line=3::broken' };
      return { text: id <= 8000 ? `::warning::w${id}` : `::group::step ${id}` };
    });
    const survey = createSurvey(journal);
    const outline = await outlineOf(journal, survey);
    expect(survey.known().reduce((sum, { markers }) => sum + markers.length, 0)).toBeLessThan(150_000);
    // Where each group was compared with all that had not ended it took a hundred times as long.
    const startedAt = performance.now();
    await outlineOf(journal, survey);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(outline.groups).toHaveLength(20_000);
    expect(outline.groups[0]).toMatchObject({ state: 'done', to: journal.lastId });
    expect(outline).toMatchObject({ errors: 1, warnings: 7999, firstError: { id: 5000, file: 'a.c', line: 3 } });
    expect(outline.problems.map(({ level }) => level)).toContain('error');
  });
});

describe('the look at all of a log', () => {
  const lines = 40 * chunkLines + 500;

  it.each([
    ['never', 12],
    ['after each chunk', 82],
    ['now and then', 30],
  ])('gives way %s, and looks at each chunk', async (when, mostWays) => {
    let asked = 0;
    let ways = 0;
    const isTaken = () => when !== 'never' && (when === 'after each chunk' || asked++ % 5 === 0);
    const giveWay = async () => {
      ways++;
      return { leftMs: 0, isTaken };
    };
    const journal = syntheticJournal(lines, (id) => ({
      text: id % 10_000 === 0 ? `ERROR ${id}` : `ordinary ${id}`,
    }));
    const survey = createSurvey(journal, { giveWay });
    await survey.complete();
    const known = survey.known();
    expect([known[0]?.firstId, known.at(-1)?.lastId, known.length]).toEqual([1, lines, 41]);
    expect(ways).toBeLessThanOrEqual(mostWays);
    if (when === 'after each chunk') expect(ways).toBeGreaterThan(40);
    const { errors } = await outlineOf(journal, survey);
    expect(errors).toBe(Math.floor(lines / 10_000));
  });
});

describe('a search that comes amid a chunk', () => {
  const lines = 3 * chunkLines;
  /** The look begins with the last chunk, and reads the two before it in one go. */
  const amid = chunkLines + 5000;
  const mostMs = 60_000;

  /** What is looked at when a search has begun as line `amid` was read; the look goes on as soon as it ends. */
  async function lookedAtDuring(act: (survey: Survey) => Promise<void>, waitMs = mostMs): Promise<number[]> {
    const precedence = createPrecedence(waitMs);
    const read: number[] = [];
    let isSearched = false;
    const journal = syntheticJournal(lines, (id) => {
      if (id === amid && !isSearched) {
        isSearched = true;
        precedence.begin();
      }
      read.push(id);
      return { text: `ordinary ${id}` };
    });
    const survey = createSurvey(journal, { giveWay: precedence.giveWay });
    const complete = survey.complete();
    await until('the line amid the chunk is read', () => isSearched);
    // All that is ready to run has run.
    await new Promise(setImmediate);
    await act(survey);
    const during = [...read];
    precedence.end();
    await complete;
    expect(survey.known().map(({ firstId }) => firstId)).toEqual([1, 1 + chunkLines, 1 + 2 * chunkLines]);
    expect(new Set(read).size).toBe(lines);
    return during;
  }

  it('waits for no more than the block that is read', async () => {
    const during = await lookedAtDuring(async () => {});
    expect(during.length).toBeLessThan(chunkLines + amid + 2000);
  });

  it('does not wait for a look that waits for it', async () => {
    const during = await lookedAtDuring(async (survey) => {
      expect((await survey.chunkFor(amid))?.lastId).toBe(2 * chunkLines);
    });
    expect(during).toContain(2 * chunkLines);
  });

  it('holds up a look for a while, and not each of its blocks', async () => {
    const during = await lookedAtDuring(
      (survey) => until('the chunk is looked at', () => survey.knownChunk(amid)).then(() => {}),
      100,
    );
    expect(during).toContain(2 * chunkLines);
  });

  it('and those that come one after another hold it up no longer', async () => {
    const [searchMs, waitMs] = [10, 30];
    const precedence = createPrecedence(waitMs);
    const begunIn: number[] = [];
    let isSearched = false;
    const journal = syntheticJournal(lines, (id) => {
      if (!isSearched) {
        isSearched = true;
        precedence.begin();
        const chunk = Math.floor((id - 1) / chunkLines);
        begunIn[chunk] = (begunIn[chunk] ?? 0) + 1;
        setTimeout(() => {
          isSearched = false;
          precedence.end();
        }, searchMs);
      }
      return { text: `ordinary ${id}` };
    });
    const survey = createSurvey(journal, { giveWay: precedence.giveWay });
    await survey.complete();
    expect(survey.known()).toHaveLength(3);
    // A timer may be a millisecond early; one more begins with the lines that are read before a chunk, and at its end.
    for (const begun of begunIn) expect(begun).toBeLessThanOrEqual(Math.ceil(waitMs / (searchMs - 1)) + 2);
  });
});

describe('the look at a log and the searches of it', () => {
  const lines = Array.from({ length: 3 * chunkLines + 100 }, (_, i) => ({
    text: i % 5000 === 0 ? '2026-11-28 10:00:00 up' : `ordinary ${i}`,
  }));
  const journal = rememberedJournal(lines);
  const asked = fc.record({
    what: fc.constantFrom('chunk', 'times', 'nothing'),
    id: fc.integer({ min: 1, max: lines.length }),
    isHeardByLook: fc.boolean(),
    after: fc.nat({ max: 200 }),
  });
  const hourMs = 3_600_000;

  it('never wait for each other, whatever is asked when', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { minLength: 1, maxLength: 6 }), async (searches) => {
        const unheard: (() => void)[] = [];
        const precedence = createPrecedence(hourMs, () => unheard.shift()?.());
        const survey = createSurvey(journal, { giveWay: precedence.giveWay });
        const run = async ({ what, id }: (typeof searches)[number]) => {
          precedence.begin();
          // As a thread's does, which opens the log.
          await undefined;
          if (what === 'chunk') await survey.chunkFor(id);
          else if (what === 'times') while (!(await survey.settle(id)));
          precedence.end();
        };
        const done: Promise<void>[] = [survey.complete()];
        for (const search of searches) {
          for (let i = 0; i < search.after; i++) await undefined;
          if (!search.isHeardByLook) done.push(run(search));
          else done.push(new Promise((resolve) => unheard.push(() => resolve(run(search)))));
        }
        await new Promise(setImmediate);
        for (const hear of unheard.splice(0)) hear();
        await within('all that was asked', Promise.all(done));
        expect(survey.known()).toHaveLength(4);
      }),
      // What waits for ever takes the deadline each time.
      { numRuns: 25, endOnFailure: true },
    );
  });
});

describe('lines of a time', () => {
  const lines = 10 * chunkLines + 700;
  let read = 0;
  const journal = syntheticJournal(lines, (id) => {
    read++;
    return { text: textOf(id) };
  });
  const survey = createSurvey(journal);
  const began = Date.UTC(2026, 10, 28);
  /** A line a second; some say no time, and one is of long ago. */
  const textOf = (id: number) => {
    if (id % 7 === 0) return `  continues ${id}`;
    const at = id === 150_000 ? began - 86_400_000 * 30 : began + id * 1000;
    return `${new Date(at).toISOString()} INFO line ${id}`;
  };

  beforeAll(() => survey.complete());

  async function idsFrom(request: Partial<SearchRequest>, survey?: Survey): Promise<number[]> {
    const ids: number[] = [];
    const control: SearchControl = {
      send(news) {
        if (news.type !== 'lines') return;
        visitEvents(news.bytes, { origin() {}, line: (_, __, start) => void ids.push(idAt(news.bytes, start) ?? 0) });
      },
      isCancelled: false,
    };
    const whole = { query: { not: [], before: 0, after: 0 }, from: 1, to: lines };
    await search(journal, { ...whole, ...request }, control, survey && knownLinesOf(survey));
    return ids;
  }

  it.each([
    ['amid a chunk', 3.4, 3.6],
    ['over chunks', 2.5, 5.2],
    ['from an edge', 4, 6],
    ['to the end', 9.9, undefined],
    ['from the start', undefined, 0.2],
    ['before any', undefined, -1],
  ])('are found as without what is known, and most others are not read: %s', async (_name, first, last) => {
    const query: LineQuery = { not: [], before: 0, after: 0 };
    if (first !== undefined) query.since = began + first * chunkLines * 1000;
    if (last !== undefined) query.until = began + last * chunkLines * 1000;
    const expected = await idsFrom({ query });
    read = 0;
    expect(await idsFrom({ query }, survey)).toEqual(expected);
    expect(await idsFrom({ query, tail: 100 }, survey)).toEqual(expected.slice(-100));
    const request = { buckets: 10, from: 1, to: lines, waitMs: longMs, query };
    expect((await answerHistogram(survey, journal, request, () => true)).lines).toBe(expected.length);
    // What is given is, and for each answer the chunks at both ends, and the one with a line of long ago.
    expect(read).toBeLessThan(3 * expected.length + 9 * chunkLines);
  });
});
