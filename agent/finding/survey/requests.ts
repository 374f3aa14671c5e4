import type { Journal } from '../../journal/journal.ts';
import type { Level } from '../../text/level.ts';
import type { Histogram, Outline } from '../../words/finding.ts';
import { addIdsOf, type Chunk, codesOf, type IdRange } from '../chunks/chunk.ts';
import { createLineSet, type LineSet } from '../chunks/line-set.ts';
import { knownSpan } from '../chunks/stamps.ts';
import { createIdFinder } from '../find-lines.ts';
import { areOfTime, isTimed, type LineQuery, mayBeOfTime, primingOf, reachBeforeKnown } from '../line-query.ts';
import { lastPiecesIn, startBefore } from '../records/piece-reach.ts';
import { histogramOf } from './histogram.ts';
import { outlineOf } from './outline.ts';
import { firstErrorLeft, problemsIn } from './range-problems.ts';
import { knownLinesOf, type Survey } from './survey.ts';

/** Nearer lines are read on the way. */
const worthSeeking = 10_000;

/**
 * What both ask for: what is known after `waitMs`, or all where that is sooner. Id of the last line to look at: `to`.
 */
interface Request {
  to: number;
  waitMs: number;
}

export interface OutlineRequest extends Request {
  /** No line will be added. */
  isFinished: boolean;
  /** Only what is in these lines, and of that all problems, or the first ones. */
  range?: IdRange;
}

export interface HistogramRequest extends Request {
  buckets: number;
  from: number;
  /** Only the lines that it finds. */
  query?: LineQuery;
  firstSource?: string;
  /** See `SearchRequest`. */
  isComplete?: boolean;
}

export async function answerOutline(survey: Survey, journal: Journal, request: OutlineRequest): Promise<Outline> {
  await knownAfter(survey, request.waitMs);
  const chunks = survey.known();
  const { firstId } = journal;
  const outline = outlineOf(chunks, firstId, request.isFinished);
  if (request.range === undefined)
    return { ...outline, firstError: await firstErrorLeft(journal, chunks, firstId, outline.firstError) };
  const from = Math.max(request.range.from, outline.known[0]);
  const to = Math.min(request.range.to, outline.known[1]);
  const groups = outline.groups.filter((group) => group.from <= to && group.to >= from);
  return { ...outline, groups, ...(await problemsIn(journal, chunks, { from, to })) };
}

/** @throws SseTailError kind `usage` where a pattern is none */
export async function answerHistogram(
  survey: Survey,
  journal: Journal,
  request: HistogramRequest,
  isWanted: () => boolean,
): Promise<Histogram> {
  if (isWanted()) await knownAfter(survey, request.waitMs);
  const firstId = Math.max(journal.firstId, request.from);
  const chunks = survey.known().filter(({ firstId: first }) => first <= request.to);
  const { buckets, query } = request;
  if (query === undefined && request.to >= (chunks.at(-1)?.lastId ?? 0))
    return histogramOf(chunks, { buckets, firstId });
  const from = Math.max(firstId, chunks[0]?.firstId ?? firstId);
  const ids = isOnlyByLevel(query)
    ? idsOfLevels(chunks, query.level, from, request.to)
    : await idsOf(survey, journal, { ...request, from }, isWanted);
  return histogramOf(chunks, { buckets, firstId, ids });
}

/** It goes on where it is not done in time: whoever asks again gets more. */
async function knownAfter(survey: Survey, waitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, waitMs);
  });
  await Promise.race([survey.complete(), patience]).finally(() => clearTimeout(timer));
}

type LevelQuery = LineQuery & { level: NonNullable<LineQuery['level']> };

/** What levels alone decide is known without reading a line. */
function isOnlyByLevel(query: LineQuery | undefined): query is LevelQuery {
  if (query?.level === undefined) return false;
  const { pattern, also, not, selection, since, until } = query;
  return not.length === 0 && [pattern, also, selection, since, until].every((part) => part === undefined);
}

function idsOfLevels(chunks: readonly Chunk[], levels: readonly Level[], from: number, to: number): LineSet {
  const ids = createLineSet();
  const wanted = codesOf(levels);
  for (const chunk of chunks) {
    const range = { from: Math.max(from, chunk.firstId), to: Math.min(to, chunk.lastId) };
    addIdsOf(chunk, wanted, range, ids);
  }
  return ids;
}

async function idsOf(
  survey: Survey,
  journal: Journal,
  { from, to, query = { not: [], before: 0, after: 0 }, firstSource, isComplete = false }: HistogramRequest,
  isWanted: () => boolean,
): Promise<LineSet> {
  const ids = createLineSet();
  const known = knownLinesOf(survey);
  const levels = query.level && known;
  const begin = (id: number, lines: number) => startBefore(journal, id, lines, query, known.areWhole);
  const primed = Math.max(Math.min(from, journal.firstId), await begin(from, primingOf(query, false)));
  const { from: start, stampBefore } = known.beginBefore(primed);
  const { areVisibleAsIs } = known;
  const finder = createIdFinder(query, from, { firstSource, levels, areVisibleAsIs, stampBefore });
  const cursor = journal.read(start, to);
  /** Whether those before it are found is known. */
  let next = from;
  try {
    while (isWanted()) {
      next = addDecided(survey, query, { from: next, to }, ids);
      const reach = reachBeforeKnown(query);
      const isFar = Math.min(next, to + 1) - reach - cursor.nextId >= worthSeeking;
      const beginning = isFar ? known.beginBefore(await begin(Math.min(next, to + 1), reach)) : undefined;
      // Where many say their times, that may be far before it, and has been read already.
      if (beginning !== undefined && beginning.from - cursor.nextId >= worthSeeking) {
        cursor.seek(beginning.from);
        finder.moveTo(next, beginning.stampBefore);
      }
      const reading = await cursor.next();
      if (reading === undefined) break;
      if (reading.type === 'gap') continue;
      for (let id = reading.firstId; levels !== undefined && id <= reading.lastId; ) {
        id = ((await levels.know(id))?.to ?? reading.lastId) + 1;
      }
      if (!isWanted()) {
        reading.release();
        break;
      }
      const lastPieces = await lastPiecesIn(journal, reading, query, { to, isComplete });
      for (const id of finder.idsIn(reading, lastPieces)) if (id >= next) ids.add(id);
      next = Math.max(next, reading.lastId + 1);
      reading.release();
    }
  } finally {
    cursor.close();
  }
  return ids;
}

/**
 * Where all lines of a chunk are found, or none, as their times say, they need not be read. Returns the first line of
 * which that is not known.
 */
function addDecided(survey: Survey, query: LineQuery, { from, to }: IdRange, ids: LineSet): number {
  let next = from;
  while (isTimed(query) && next <= to) {
    const chunk = survey.knownChunk(next);
    if (chunk === undefined || chunk.lost > 0 || chunk.lastId < next) break;
    const last = Math.min(chunk.lastId, to);
    const span = knownSpan(chunk);
    if (mayBeOfTime(span, query)) {
      if (!isOnlyByTime(query) || !areOfTime(span, query)) break;
      for (let id = next; id <= last; id++) ids.add(id);
    }
    next = last + 1;
  }
  return next;
}

function isOnlyByTime({ pattern, also, not, level, selection }: LineQuery): boolean {
  return not.length === 0 && [pattern, also, level, selection].every((part) => part === undefined);
}
