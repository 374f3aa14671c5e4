import { readEvents } from '../stream/read-events.ts';
import type { HitNews, HitOrder } from './hit-reader.ts';
import { readHits } from './read-hits.ts';

/** A search that was begun after this one has taken its place. */
let current: AbortController | undefined;

addEventListener('message', ({ data }: MessageEvent<HitOrder>) => {
  current?.abort();
  if (data.order === 'stop') return;
  const controller = new AbortController();
  current = controller;
  const { search, url } = data;
  readHits(readEvents, url, data, controller.signal, (hits) => tell({ news: 'hits', search, ...hits }))
    .catch(() => ({ how: 'failed' }) as const)
    .then((end) => {
      if (!controller.signal.aborted) tell({ news: 'end', search, end });
    });
});

function tell(news: HitNews): void {
  postMessage(news);
}
