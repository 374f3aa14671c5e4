import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkLines } from '../../../../agent/finding/chunks/chunk.ts';
import { stepLines } from '../../../../agent/finding/chunks/stamps.ts';
import { createLineFinder } from '../../../../agent/finding/find-lines.ts';
import { createReadingStamps, type EarlierStamps, type ReadingStamps } from '../../../../agent/finding/known-lines.ts';
import type { LineFinder } from '../../../../agent/finding/line-finder.ts';
import { type LineQuery, primingOf } from '../../../../agent/finding/line-query.ts';
import { createLineReader } from '../../../../agent/finding/records/line-reader.ts';
import { answerStamps } from '../../../../agent/finding/survey/earlier-stamps.ts';
import { createSurvey, type Survey } from '../../../../agent/finding/survey/survey.ts';
import { idAt, visitEvents } from '../../../../agent/frame/scan.ts';
import type { Journal } from '../../../../agent/journal/journal.ts';
import type { Origin } from '../../../../agent/words/line.ts';
import { rememberedJournal, type SyntheticLine } from '../../../support/synthetic-journal.ts';

/** Written long before it was followed. */
const written = Date.UTC(2024, 2, 1);
const followed = Date.UTC(2026, 10, 28);
const speakers: readonly Partial<Origin>[] = [{}, { stream: 'stderr' }, { source: 'web' }, { source: 'db' }];

const trace = ['Error: no route', '    at resolve (/srv/a.js:12:3)', '    at main (/srv/main.js:1:1)'];
const utterances: readonly ((id: number) => readonly string[])[] = [
  (id) => [`${new Date(written + id * 60_000).toISOString()} INFO up`],
  () => ['a part of something'],
  () => ['a part of something', 'and another one'],
  (id) => [`${new Date(written + id * 60_000).toISOString()} ERROR down`, ...trace],
];

/** Lines that follow each other: by whom, and which of the utterances they take turns with. */
interface Stretch {
  lines: number;
  by: number[];
  utterances: number[];
}

const index = (list: readonly unknown[]) => fc.nat({ max: list.length - 1 });
const stretch = (most: number): fc.Arbitrary<Stretch> =>
  fc.record({
    lines: fc.integer({ min: 1, max: most }),
    by: fc.array(index(speakers), { minLength: 1, maxLength: 3 }),
    utterances: fc.oneof(fc.array(index(utterances), { minLength: 1, maxLength: 3 }), fc.constant<number[]>([1])),
  });

function linesOf(stretches: readonly Stretch[]): SyntheticLine[] {
  const lines: SyntheticLine[] = [];
  const take = (text: string, speaker: number) =>
    lines.push({ text, origin: { ...speakers[speaker], time: followed + lines.length * 10 } });
  for (const { lines: length, by, utterances: said } of stretches) {
    const end = lines.length + length;
    for (let turn = 0; lines.length < end; turn++) {
      const texts = utterances[said[turn % said.length] as number]?.(lines.length + 1) ?? [];
      for (const text of texts) take(text, by[turn % by.length] as number);
    }
  }
  return lines;
}

/** What a look at each line from line `first` on says. */
function timesOf(lines: readonly SyntheticLine[], first: number): number[] {
  const reader = createLineReader();
  return lines.map(({ text, origin }, i) =>
    i + 1 < first ? Number.NaN : reader.read(text, text, { time: 0, ...origin }).time,
  );
}

/** Gets lines from one on as the log grows, as who follows it does: without what it has seen before. */
async function idsLive(
  journal: Journal & { lastId: number },
  survey: Survey,
  { query, from, ends }: { query: LineQuery; from: number; ends: readonly number[] },
): Promise<number[]> {
  const ids: number[] = [];
  let live: { finder: LineFinder; stamps: ReadingStamps } | undefined;
  let nextId = from;
  for (const end of ends) {
    journal.lastId = end;
    for (let begun = 0; nextId <= end; begun++) {
      if (begun > 2) throw new Error(`the reading of lines up to ${end} begins again and again`);
      let start = nextId;
      if (live === undefined) {
        const first = Math.max(journal.firstId, nextId - primingOf(query, true));
        const earlier = (await answerStamps(survey, { from: first, to: end })) as EarlierStamps;
        const stamps = createReadingStamps(earlier);
        live = {
          finder: createLineFinder(query, { firstId: nextId, firstSource: undefined, stampBefore: stamps.find }),
          stamps,
        };
        start = earlier.from;
      }
      const cursor = journal.read(Math.max(start, journal.firstId), end);
      for (let read = await cursor.next(); read !== undefined; read = await cursor.next()) {
        if (read.type === 'gap') continue;
        const { bytes } = live.finder.take(read, Number.POSITIVE_INFINITY);
        if (live.stamps.isMissing) break;
        visitEvents(bytes, { origin() {}, line: (_, __, at) => void ids.push(idAt(bytes, at) ?? 0) });
        nextId = Math.max(nextId, read.lastId + 1);
      }
      if (live.stamps.isMissing) live = undefined;
    }
  }
  return ids;
}

/** How many lines of it there are, each time it has grown. */
function endsOf(last: number, first: number, growths: readonly number[]): number[] {
  const ends: number[] = [];
  for (let i = 0, end = first; end < last; i++) {
    end = Math.min(last, end + (growths[i % growths.length] as number));
    ends.push(end);
  }
  return ends;
}

const asked = fc.record({
  moment: fc.nat(),
  open: fc.constantFrom('since', 'until'),
  from: fc.nat(),
  growths: fc.array(fc.oneof(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 10, max: 2500 })), {
    minLength: 1,
    maxLength: 4,
  }),
  retention: fc.option(fc.nat(), { nil: undefined }),
  isSeen: fc.boolean(),
});

type Question = typeof asked extends fc.Arbitrary<infer Asked> ? Asked : never;

async function check(stretches: readonly Stretch[], question: Question): Promise<void> {
  const lines = linesOf(stretches);
  const journal = rememberedJournal(lines);
  const survey = createSurvey(journal);
  const from = 1 + (question.from % lines.length);
  journal.lastId = from;
  if (question.isSeen) await survey.complete();
  // What was said in the first kept step, and taken, is not remembered: see `stamps.ts`.
  const least = question.retention === undefined ? 1 : 1 + (question.retention % from);
  journal.firstId = question.isSeen ? least - ((least - 1) % stepLines) : least;
  // Of lines that were taken before anybody has looked at them nobody knows what they have said.
  const times = timesOf(lines, question.isSeen ? 1 : journal.firstId);
  const kept = times.slice(journal.firstId - 1);
  const moment = kept[question.moment % kept.length] as number;
  const query: LineQuery = { not: [], before: 0, after: 0, [question.open]: moment };
  const ends = endsOf(lines.length, from - 1, question.growths);
  const expected: number[] = [];
  for (let id = from; id <= lines.length; id++) {
    const time = times[id - 1] as number;
    if (question.open === 'since' ? time >= moment : time <= moment) expected.push(id);
  }
  expect(await idsLive(journal, survey, { query, from, ends })).toEqual(expected);
}

describe('when a line is from that comes live', () => {
  it('is what a look from the first line on says', async () => {
    const log = fc.array(fc.oneof(stretch(5), stretch(300), stretch(1500)), { minLength: 1, maxLength: 6 });
    await fc.assert(fc.asyncProperty(log, asked, check), {
      numRuns: 25,
      endOnFailure: true,
    });
  });

  it('is that in a log of several chunks, too', async () => {
    const log = fc
      .array(fc.oneof(stretch(500), stretch(20_000)), { minLength: 4, maxLength: 8 })
      .map((stretches) => [...stretches, { lines: chunkLines, by: [0], utterances: [1] }]);
    const late = asked.map((question) => ({ ...question, growths: question.growths.map((lines) => 20 * lines) }));
    await fc.assert(fc.asyncProperty(log, late, check), { numRuns: 2, endOnFailure: true });
  });
});
