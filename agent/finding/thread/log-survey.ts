import type { Journal } from '../../journal/journal.ts';
import { defined } from '../../words/defined.ts';
import type { KnownLines } from '../known-lines.ts';
import { asksForLevels, isTimed, type LineQuery } from '../line-query.ts';
import { createSurvey, knownLinesOf, type Survey } from '../survey/survey.ts';
import { createKeptSurvey } from './kept-survey.ts';

/** What is kept beside a log is not found out again; what is not is, and kept, where the log has a directory. */
export function surveyOf(journal: Journal): Survey {
  const { location } = journal;
  return createSurvey(journal, defined({ kept: location === undefined ? undefined : createKeptSurvey(location) }));
}

/** The levels and times of a log's lines for a search that asks for some. */
export function knownLinesFor(query: LineQuery, journal: Journal): KnownLines | undefined {
  return asksForLevels(query) || isTimed(query) ? knownLinesOf(surveyOf(journal)) : undefined;
}
