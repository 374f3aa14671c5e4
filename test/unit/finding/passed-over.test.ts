import { expect, it } from 'vitest';
import { chunkLines } from '../../../agent/finding/chunks/chunk.ts';
import { search } from '../../../agent/finding/search.ts';
import { createSurvey, levelsOf } from '../../../agent/finding/survey/survey.ts';
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
  const found: number[] = [];
  const control = {
    isCancelled: false,
    send(news: Parameters<Parameters<typeof search>[2]['send']>[0]) {
      if (news.type === 'lines') found.push(...parseLines(news.bytes.toString()).map(({ id }) => id));
    },
  };
  await search(journal, request, control, levelsOf(createSurvey(journal)));
  expect(found).toEqual([first, first + 1, first + 2]);
});
