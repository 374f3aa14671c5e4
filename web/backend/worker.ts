import { answerSearches } from '../finding/answer-searches.ts';
import { answerRanges } from '../history/answer-ranges.ts';
import { servePages } from '../stream/sharing/serve-pages.ts';

/*
 * One script for all workers but the service worker, as most of it is the same; each has its own thread, so that a
 * search of a million lines does not hold up the lines that are scrolled to. The name says which it is. A page that
 * loads this script wants what it exports: `WorkerExports`.
 */
export { polledStream } from '../stream/polled-stream.ts';

if (self.name === 'streams') {
  servePages();
} else if (typeof document === 'undefined') {
  const tell = (news: unknown) => postMessage(news);
  const answer = self.name === 'search' ? answerSearches(tell) : answerRanges(tell);
  addEventListener('message', ({ data }: MessageEvent) => answer(data));
}
