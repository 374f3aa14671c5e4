import { readEvents } from '../stream/read-events.ts';
import type { HitNews, HitOrder } from './hit-reader.ts';
import { readHits } from './read-hits.ts';

/** What the worker does that searches: a search that begins takes the place of the one before. */
export function answerSearches(tell: (news: HitNews) => void): (order: HitOrder) => void {
  let current: AbortController | undefined;
  return (order) => {
    current?.abort();
    if (order.order === 'stop') return;
    const controller = new AbortController();
    current = controller;
    const { search, url } = order;
    readHits(readEvents, url, order, controller.signal, (hits) => tell({ news: 'hits', search, ...hits }))
      .catch(() => ({ how: 'failed' }) as const)
      .then((end) => {
        if (!controller.signal.aborted) tell({ news: 'end', search, end });
      });
  };
}
