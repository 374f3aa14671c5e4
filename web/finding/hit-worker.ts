import { visibleText } from '../../agent/text/escapes/strip.ts';
import type { Hello, Progress } from '../../agent/words/wire.ts';
import { readEvents } from '../stream/read-events.ts';
import { createHighlighter } from '../text/pattern.ts';
import type { HitNews, HitOrder } from './hit-reader.ts';

/** A search that was begun after this one has taken its place. */
let current: AbortController | undefined;

addEventListener('message', ({ data }: MessageEvent<HitOrder>) => {
  current?.abort();
  if (data.order === 'stop') return;
  const controller = new AbortController();
  current = controller;
  const { search } = data;
  read(data, controller.signal)
    .catch(() => ({ how: 'failed' }) as const)
    .then((end) => {
      if (!controller.signal.aborted) tell({ news: 'end', search, end });
    });
});

async function read({ url, search, pattern, also }: Extract<HitOrder, { order: 'search' }>, signal: AbortSignal) {
  const { spansOf } = createHighlighter(pattern);
  const isWanted = also && createHighlighter(also);
  let log = '';
  let ids: number[] = [];
  let counts: number[] = [];
  let progress: Progress | undefined;
  const onEvent = (type: string, data: string, id: string): void => {
    if (type === 'message') {
      const text = visibleText(data);
      if (isWanted?.spansOf(text).length === 0) return;
      ids.push(Number(id));
      // The agent has the last word on whether a line matches.
      counts.push(Math.max(1, spansOf(text).length));
    } else if (type === 'hello') {
      log = (JSON.parse(data) as Hello).log;
    } else if (type === 'progress') {
      progress = JSON.parse(data) as Progress;
    }
  };
  return readEvents(url, signal, onEvent, () => {
    if (signal.aborted || (ids.length === 0 && progress === undefined)) return;
    tell({ news: 'hits', search, log, ids, counts, time: progress?.time });
    ids = [];
    counts = [];
    progress = undefined;
  });
}

function tell(news: HitNews): void {
  postMessage(news);
}
