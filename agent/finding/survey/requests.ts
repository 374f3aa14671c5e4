import type { Journal } from '../../journal/journal.ts';
import type { Histogram, Outline } from '../../words/finding.ts';
import { createFindHits } from '../hits.ts';
import { type LineQuery, primingOf, selectedBy } from '../line-query.ts';
import { histogramOf } from './histogram.ts';
import { outlineOf } from './outline.ts';
import type { Survey } from './survey.ts';

/** What both ask for: what is known after `waitMs`, or all where that is sooner. Id of the last line to look at: `to`. */
interface Request {
  to: number;
  waitMs: number;
}

export interface OutlineRequest extends Request {
  /** No line will be added. */
  isFinished: boolean;
}

export interface HistogramRequest extends Request {
  buckets: number;
  from: number;
  /** Only the lines that it finds. */
  query?: LineQuery;
  firstSource?: string;
}

export async function answerOutline(survey: Survey, journal: Journal, request: OutlineRequest): Promise<Outline> {
  await knownAfter(survey, request.waitMs);
  return outlineOf(survey.known(), journal.firstId, request.isFinished);
}

/** @throws SseTailError kind `usage` where a pattern is none */
export async function answerHistogram(
  survey: Survey,
  journal: Journal,
  request: HistogramRequest,
  isWanted: () => boolean,
): Promise<Histogram> {
  await knownAfter(survey, request.waitMs);
  const firstId = Math.max(journal.firstId, request.from);
  const chunks = survey.known().filter(({ firstId: first }) => first <= request.to);
  const { buckets, query } = request;
  if (query === undefined && request.to >= (chunks.at(-1)?.lastId ?? 0))
    return histogramOf(chunks, { buckets, firstId });
  const from = Math.max(firstId, chunks[0]?.firstId ?? firstId);
  const ids = await idsOf(journal, { ...request, from }, isWanted);
  return histogramOf(chunks, { buckets, firstId, ids });
}

/** It goes on where it is not done in time: whoever asks again gets more. */
async function knownAfter(survey: Survey, waitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, waitMs);
  });
  await Promise.race([survey.complete(), patience]);
  clearTimeout(timer);
}

async function idsOf(
  journal: Journal,
  { from, to, query = { not: [], before: 0, after: 0 }, firstSource }: HistogramRequest,
  isWanted: () => boolean,
): Promise<number[]> {
  const ids: number[] = [];
  const findHits = createFindHits(query, selectedBy(query, firstSource));
  const cursor = journal.read(Math.max(Math.min(from, journal.firstId), from - primingOf(query, false)), to);
  try {
    for (let reading = await cursor.next(); reading !== undefined && isWanted(); reading = await cursor.next()) {
      if (reading.type === 'gap') continue;
      for (const { id } of findHits(reading)) if (id >= from) ids.push(id);
      reading.release();
    }
  } finally {
    cursor.close();
  }
  return ids;
}
