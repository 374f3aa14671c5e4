import { expect, it } from 'vitest';
import { chunkLines } from '../../../agent/finding/chunks/chunk.ts';
import { type SearchNews, search } from '../../../agent/finding/search.ts';
import { answerHistogram } from '../../../agent/finding/survey/requests.ts';
import { createSurvey, knownLinesOf } from '../../../agent/finding/survey/survey.ts';
import { parseLines } from '../../support/event-text.ts';
import { syntheticJournal } from '../../support/synthetic-journal.ts';

const begun = Date.UTC(2026, 10, 28, 9);
const lineCount = 2 * chunkLines;
const origin = { time: begun + 40 * 86_400_000 };

it('lines that say no time, before those that may be found, are not of the time at which they were read', async () => {
  const journal = syntheticJournal(lineCount, (id) => {
    const text = id % 5 === 1 ? `${new Date(begun + 1000 * id).toISOString()} up` : 'a part of it';
    return { text, origin };
  });
  const first = chunkLines + 5003;
  const query = { not: [], before: 0, after: 0, since: begun + 1000 * first };
  const request = { query, from: 1, to: lineCount, limit: 3 };
  const { found, control } = taking();
  await search(journal, request, control, knownLinesOf(createSurvey(journal)));
  expect(found).toEqual([first, first + 1, first + 2]);
});

/** So many that a chunk can't remember at each step what all of them have said. */
const speakers = 40;

it('lines of many speakers that say their times are read once, wherever those that may be found begin', async () => {
  let reads = 0;
  const journal = syntheticJournal(lineCount, (id) => {
    reads++;
    return saying(id, `of speaker ${id % speakers}`);
  });
  const survey = createSurvey(journal);
  await survey.complete();
  reads = 0;
  const first = chunkLines + 20_000;
  const query = { not: [], before: 0, after: 0, since: timeOf(first) };
  const { found, control } = taking();
  await search(journal, { query, from: 1, to: lineCount }, control, knownLinesOf(survey));
  expect(found).toEqual(Array.from({ length: lineCount - first + 1 }, (_, i) => first + i));
  expect(reads).toBeLessThan(1.5 * lineCount);

  reads = 0;
  const pattern = { text: 'speaker', isRegex: false, case: 'exact' as const, isWord: false };
  const request = { buckets: 10, waitMs: 60_000, from: 1, to: lineCount, query: { ...query, pattern } };
  expect((await answerHistogram(survey, journal, request, () => true)).lines).toBe(lineCount - first + 1);
  expect(reads).toBeLessThan(1.5 * lineCount);
});

it('a search that is cancelled says of no line that it was looked at before all of it was', async () => {
  // The levels of its last chunk are known from the start.
  const lastId = 3 * chunkLines;
  const journal = syntheticJournal(lastId, (id) => saying(id, 'ERROR: it broke'));
  const survey = createSurvey(journal);
  await survey.complete();
  const first = chunkLines - 300;
  const query = { not: [], before: 0, after: 0, since: timeOf(1), level: ['error' as const] };
  for (let asked = 1; asked < 12; asked++) {
    const { found, control } = taking();
    const known = knownLinesOf(survey);
    let left = asked;
    const counted = {
      ...known,
      know(id: number) {
        if (--left === 0) control.isCancelled = true;
        return known.know(id);
      },
    };
    const end = await search(journal, { query, from: first, to: lastId }, control, counted);
    const safe = Math.max(first - 1, end.safeId);
    expect([asked, found.filter((id) => id <= safe).length]).toEqual([asked, safe - first + 1]);
  }
});

function timeOf(id: number): number {
  return begun + 1000 * id;
}

function saying(id: number, text: string) {
  return { text: `${new Date(timeOf(id)).toISOString()} ${text}`, origin: { ...origin, source: `s${id % speakers}` } };
}

/** Takes the ids of what is found. */
function taking() {
  const found: number[] = [];
  const control = {
    isCancelled: false,
    send(news: SearchNews) {
      if (news.type === 'lines') found.push(...parseLines(news.bytes.toString()).map(({ id }) => id));
    },
  };
  return { found, control };
}
