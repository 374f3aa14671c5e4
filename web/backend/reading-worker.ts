import { answerSearches } from '../finding/answer-searches.ts';
import { answerRanges } from '../history/answer-ranges.ts';

/*
 * One script for two workers, as most of it is the same; each has its own thread, so that a search of a million lines
 * does not hold up the lines that are scrolled to. The name says which it is.
 */
const tell = (news: unknown) => postMessage(news);
const answer = self.name === 'search' ? answerSearches(tell) : answerRanges(tell);

addEventListener('message', ({ data }: MessageEvent) => answer(data));
