import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Chunk, chunkLines, isFull } from '../../../../agent/finding/chunks/chunk.ts';
import { decodeChunks, encodeChunks } from '../../../../agent/finding/chunks/chunk-bytes.ts';
import { knownSpan } from '../../../../agent/finding/chunks/stamps.ts';
import type { LineQuery } from '../../../../agent/finding/line-query.ts';
import { createLineReader } from '../../../../agent/finding/records/line-reader.ts';
import { type SearchRequest, search } from '../../../../agent/finding/search.ts';
import type { KeptSurvey } from '../../../../agent/finding/survey/looks.ts';
import { answerHistogram } from '../../../../agent/finding/survey/requests.ts';
import { createSurvey, knownLinesOf, type Survey } from '../../../../agent/finding/survey/survey.ts';
import { idAt, visitEvents } from '../../../../agent/frame/scan.ts';
import type { Journal } from '../../../../agent/journal/journal.ts';
import type { Origin } from '../../../../agent/words/line.ts';
import { rememberedJournal, type SyntheticLine, syntheticJournal } from '../../../support/synthetic-journal.ts';

const longMs = 60_000;
/** Written long before it was followed. */
const written = Date.UTC(2024, 2, 1);
const followed = Date.UTC(2026, 10, 28);
const speakers: readonly Partial<Origin>[] = [{}, { stream: 'stderr' }, { source: 'web' }, { source: 'db' }];

type Voice = 'stamped' | 'unstamped' | 'rarely stamped';

/** Lines that follow each other: whose, and what each of these says. */
interface Stretch {
  lines: number;
  voices: { speaker: number; voice: Voice }[];
}

function textOf(id: number, voice: Voice): string {
  // Few different times: all of them are remembered as they are.
  const stamp = () => `${new Date(written + Math.floor(id / 200) * 60_000).toISOString()} INFO up`;
  if (voice === 'stamped') return stamp();
  return voice === 'rarely stamped' && id % 3001 < 2 ? stamp() : `a part of something`;
}

function linesOf(stretches: readonly Stretch[]): SyntheticLine[] {
  const lines: SyntheticLine[] = [];
  for (const { lines: length, voices } of stretches) {
    for (let i = 0; i < length; i++) {
      const id = lines.length + 1;
      const { speaker, voice } = voices[i % voices.length] as Stretch['voices'][0];
      const time = followed + Math.floor(id / 900) * 1000;
      lines.push({ text: textOf(id, voice), origin: { ...speakers[speaker], time } });
    }
  }
  return lines;
}

/** What a look at each line from the first one on says. */
function timesOf(lines: readonly SyntheticLine[]): number[] {
  const reader = createLineReader();
  return lines.map(({ text, origin }) => reader.read(text, text, { time: 0, ...origin }).time);
}

const voice = fc.record({
  speaker: fc.nat({ max: speakers.length - 1 }),
  voice: fc.constantFrom<Voice>('stamped', 'unstamped', 'unstamped', 'rarely stamped'),
});
const stretch: fc.Arbitrary<Stretch> = fc.oneof(
  fc.record({ lines: fc.integer({ min: 1, max: 500 }), voices: fc.array(voice, { minLength: 1, maxLength: 3 }) }),
  fc.record({ lines: fc.integer({ min: 200, max: 50_000 }), voices: fc.tuple(voice) }),
);
const leastLines = 2 * chunkLines + 100;
const mostLines = 4 * chunkLines;
/** At least of three chunks, and not of many more. */
const log = fc.array(stretch, { minLength: 2, maxLength: 10 }).map((stretches) => {
  const lines = linesOf(stretches).slice(0, mostLines);
  while (lines.length < leastLines)
    lines.push(...linesOf([{ lines: 1, voices: [{ speaker: 0, voice: 'unstamped' }] }]));
  return lines.map((line, i) => ({
    ...line,
    origin: { ...line.origin, time: followed + Math.floor((i + 1) / 900) * 1000 },
  }));
});

async function idsOf(journal: Journal, request: Partial<SearchRequest>, survey: Survey): Promise<number[]> {
  const ids: number[] = [];
  const whole = { query: { not: [], before: 0, after: 0 }, from: 1, to: journal.lastId };
  const control = {
    isCancelled: false,
    send(news: Parameters<Parameters<typeof search>[2]['send']>[0]) {
      if (news.type !== 'lines') return;
      visitEvents(news.bytes, { origin() {}, line: (_, __, start) => void ids.push(idAt(news.bytes, start) ?? 0) });
    },
  };
  await search(journal, { ...whole, ...request }, control, knownLinesOf(survey));
  return ids;
}

/** What a process that was there before has left of chunks, each as it was known after it was looked at. */
function keptOf(known: readonly Chunk[]): KeptSurvey {
  let left = encodeChunks(known.filter(isFull)) as Buffer | undefined;
  return {
    async recall() {
      const chunks = left === undefined ? [] : decodeChunks(left);
      left = undefined;
      return chunks;
    },
    async keep() {},
  };
}

async function surveyAs(how: string, journal: Journal): Promise<Survey> {
  const survey = createSurvey(journal);
  if (how === 'fresh') return survey;
  if (how === 'begun') await survey.chunkFor(journal.lastId - chunkLines);
  else await survey.complete();
  return how === 'kept' ? createSurvey(journal, { kept: keptOf(survey.known()) }) : survey;
}

/** Of ids that follow each other the first and the last one. */
function rangesOf(ids: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const id of ids) {
    const last = ranges.at(-1);
    if (last?.[1] === id - 1) last[1] = id;
    else ranges.push([id, id]);
  }
  return ranges;
}

const hows = ['fresh', 'begun', 'complete', 'kept'];

describe('when a line is from', () => {
  it('does not depend on where the reading began', async () => {
    const asked = fc.record({
      moments: fc.array(fc.nat({ max: 1_000_000 }), { minLength: 2, maxLength: 2 }),
      open: fc.constantFrom('since', 'until', 'neither'),
      from: fc.nat({ max: 1_000_000 }),
      tail: fc.option(fc.integer({ min: 1, max: 3000 }), { nil: undefined }),
      how: fc.constantFrom(...hows),
    });
    await fc.assert(
      fc.asyncProperty(log, fc.array(asked, { minLength: 3, maxLength: 3 }), async (lines, questions) => {
        const journal = rememberedJournal(lines);
        const times = timesOf(lines);
        for (const { moments, open, from: at, tail, how } of questions) {
          const survey = await surveyAs(how, journal);
          const [least, most] = moments.map((i) => times[i % times.length] as number).sort((a, b) => a - b);
          const query: LineQuery = { not: [], before: 0, after: 0 };
          if (open !== 'until') query.since = least as number;
          if (open !== 'since') query.until = most as number;
          const from = at % 3 === 0 ? 1 : 1 + (at % lines.length);
          const expected: number[] = [];
          for (let id = from; id <= lines.length; id++) {
            const time = times[id - 1] as number;
            if (time >= (query.since ?? 0) && time <= (query.until ?? Number.POSITIVE_INFINITY)) expected.push(id);
          }
          const found = await idsOf(journal, { query, from, ...(tail && { tail }) }, survey);
          expect(rangesOf(found), how).toEqual(rangesOf(tail ? expected.slice(-tail) : expected));
          const request = { buckets: 10, from, to: lines.length, waitMs: longMs, query };
          expect((await answerHistogram(survey, journal, request, () => true)).lines, how).toBe(expected.length);
        }
        for (const how of ['fresh', 'kept']) {
          const request = { buckets: 50, from: 1, to: lines.length, waitMs: longMs };
          const survey = await surveyAs(how, journal);
          const { buckets } = await answerHistogram(survey, journal, request, () => true);
          const shown = buckets.map(({ lines: count, first }) => ({ count, first }));
          const counted = buckets.map(() => ({ count: 0, first: null as number | null }));
          const [{ from: start, to: end }] = buckets as [(typeof buckets)[0]];
          for (const [i, time] of times.entries()) {
            const bucket = counted[Math.floor((time - start) / (end - start))];
            if (bucket === undefined) throw new Error(`line ${i + 1} is from outside of the histogram`);
            bucket.count++;
            bucket.first ??= i + 1;
          }
          expect(shown, how).toEqual(counted);
        }
      }),
      { numRuns: 4, endOnFailure: true },
    );
  });

  const wait = { waitMs: longMs, isFinished: true };

  const chunks = 24;

  /** A log of so many chunks, and how many of its lines are read. */
  function longLog(lineOf: (id: number) => SyntheticLine) {
    const lines = chunks * chunkLines;
    const read = { lines: 0 };
    const journal = syntheticJournal(lines, (id) => {
      read.lines++;
      const { text, origin } = lineOf(id);
      return { text, origin: { ...origin, time: followed + Math.floor(id / 900) * 1000 } };
    });
    return { journal, lines, read };
  }

  it.each<[string, (id: number) => SyntheticLine, number]>([
    ['no', () => ({ text: 'a part' }), followed],
    ['one', (id) => ({ text: textOf(id, id === 1 ? 'stamped' : 'unstamped') }), written],
    [
      'now and then a',
      (id) => ({
        text: textOf(id, id < 1000 ? 'stamped' : 'rarely stamped'),
        origin: speakers[id % 2],
      }),
      written,
    ],
  ])('is known after one look at a log that says %s time', async (_name, lineOf, earliest) => {
    const { journal, lines, read } = longLog(lineOf);
    const survey = createSurvey(journal);
    const { buckets } = await answerHistogram(survey, journal, { buckets: 5, from: 1, to: lines, ...wait }, () => true);
    expect(buckets[0]?.from).toBe(earliest);
    expect((buckets.at(-1)?.to ?? 0) - earliest).toBeLessThan(365 * 86_400_000);
    expect(read.lines).toBeLessThan(1.4 * lines);
    read.lines = 0;
    const query = { not: [], before: 0, after: 0, since: earliest + 365 * 86_400_000 };
    expect(await idsOf(journal, { query }, survey)).toEqual([]);
    expect(await idsOf(journal, { query, tail: 10 }, survey)).toEqual([]);
    expect(read.lines).toBeLessThan(lines / 10);
  });

  it('is known after two looks where each of many says its time once, far from each other', async () => {
    // Each source says it in another chunk, and all of them speak in all chunks.
    const { journal, lines, read } = longLog((id) => {
      const source = `container-${id % chunks}`;
      const saysIt = Math.floor(id / chunkLines) === id % chunks && id % chunkLines < 4000;
      return { text: textOf(id, saysIt ? 'stamped' : 'unstamped'), origin: { source } };
    });
    const survey = createSurvey(journal);
    await survey.complete();
    expect(read.lines).toBeLessThan(2.2 * lines);
    expect(survey.known().length).toBe(chunks);
  });

  it.each([
    ['say their time, and do not in the next chunk', 'stamped', 'unstamped'],
    ['say none, and need one from before', 'unstamped', 'unstamped'],
  ] as const)('is told to be unknown where more speakers than a chunk remembers %s', async (_, first, second) => {
    const journal = syntheticJournal(3 * chunkLines, (id) => ({
      text: textOf(id, id <= chunkLines ? 'stamped' : id <= 2 * chunkLines ? first : second),
      origin: { source: `container-${id % 600}`, time: followed + id },
    }));
    const survey = createSurvey(journal);
    await survey.complete();
    const last = await survey.chunkFor(journal.lastId);
    expect(last && knownSpan(last)).toEqual({ earliest: Number.NEGATIVE_INFINITY, latest: Number.POSITIVE_INFINITY });
    expect(survey.known().map(({ firstId }) => firstId)).toEqual([1, chunkLines + 1, 2 * chunkLines + 1]);
    const query = { not: [], before: 0, after: 0, since: written };
    expect(rangesOf(await idsOf(journal, { query }, survey))).toEqual([[1, journal.lastId]]);
  });

  it('does not change when retention takes the line that has said it', async () => {
    const { journal, lines } = longLog((id) => ({ text: textOf(id, id === 1 ? 'stamped' : 'unstamped') }));
    journal.lastId = 3 * chunkLines;
    const survey = createSurvey(journal);
    await survey.complete();
    journal.lastId = lines;
    await survey.complete();
    journal.firstId = 5 * chunkLines;
    await survey.complete();
    const query = { not: [], before: 0, after: 0, until: followed - 1 };
    const request = { buckets: 5, from: 1, to: lines, ...wait };
    const { buckets } = await answerHistogram(survey, journal, request, () => true);
    expect(buckets[0]?.from).toBeLessThan(followed - 365 * 86_400_000);
    const kept = lines - journal.firstId + 1;
    expect((await answerHistogram(survey, journal, { ...request, query }, () => true)).lines).toBe(kept);
    const from = journal.firstId;
    expect(rangesOf(await idsOf(journal, { query, from }, survey))).toEqual([[from, lines]]);
  });

  it('is that of a line that came after a chunk was looked at the last time', async () => {
    const lines = 3 * chunkLines + 500;
    const day = (id: number) => (id < 10_000 ? written : written + 86_400_000);
    const journal = syntheticJournal(lines, (id) => ({
      text: id < 20_000 ? `${new Date(day(id)).toISOString()} INFO up` : 'a part',
      origin: { time: followed + Math.floor(id / 900) * 1000 },
    }));
    journal.lastId = 10_000;
    const survey = createSurvey(journal);
    await survey.complete();
    journal.lastId = lines;
    const query = { not: [], before: 0, after: 0, since: written + 43_200_000 };
    const request = { buckets: 5, from: 1, to: lines, ...wait, query };
    for (let again = 0; again < 2; again++) {
      await survey.complete();
      expect((await answerHistogram(survey, journal, request, () => true)).lines).toBe(lines - 9999);
    }
    journal.lastId = 10_000;
    const begun = createSurvey(journal);
    await begun.complete();
    journal.lastId = lines;
    expect(rangesOf(await idsOf(journal, { query, from: 2 * chunkLines }, begun))).toEqual([[2 * chunkLines, lines]]);
  });

  it('is not waited for where the journal says no more of its lines', async () => {
    const { journal, lines } = longLog((id) => ({ text: id < chunkLines ? 'a part' : textOf(id, 'rarely stamped') }));
    let isClosed = false;
    const closing: Journal = Object.create(journal, {
      read: { value: (from: number, to?: number) => journal.read(from, isClosed ? 0 : to) },
    });
    for (const closedAfter of [0, 1, 3]) {
      isClosed = false;
      const survey = createSurvey(closing);
      await survey.chunkFor(lines);
      await survey.chunkFor(chunkLines + 1);
      const turns = async (most: number) => {
        for (let turn = 0; turn < most; turn++) if (await survey.settle(chunkLines + 1)) return turn;
        return most;
      };
      await turns(closedAfter);
      isClosed = true;
      expect(await turns(10)).toBeLessThan(10);
    }
  });
});
