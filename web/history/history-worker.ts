import { readEvents } from '../stream/read-events.ts';
import type { ReaderNews, ReaderOrder } from './range-reader.ts';
import { readBlocks } from './read-blocks.ts';

const readings = new Map<number, AbortController>();

addEventListener('message', ({ data }: MessageEvent<ReaderOrder>) => {
  if (data.order === 'stop') {
    readings.get(data.reading)?.abort();
    return;
  }
  const { reading, url } = data;
  const controller = new AbortController();
  readings.set(reading, controller);
  readBlocks(readEvents, url, controller.signal, {
    lines: (block, log) => tell({ news: 'lines', reading, log, block }),
    gap: (gap, log) => tell({ news: 'gap', reading, log, gap }),
  })
    .catch(() => 'failed' as const)
    .then((end) => {
      readings.delete(reading);
      tell({ news: 'end', reading, end });
    });
});

function tell(news: ReaderNews): void {
  postMessage(news);
}
