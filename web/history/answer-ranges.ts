import { readEvents } from '../stream/read-events.ts';
import type { ReaderNews, ReaderOrder } from './range-reader.ts';
import { readBlocks } from './read-blocks.ts';

/** What the worker does that reads ranges: several at a time, each until it is stopped. */
export function answerRanges(tell: (news: ReaderNews) => void): (order: ReaderOrder) => void {
  const readings = new Map<number, AbortController>();

  function read(url: string, reading: number): void {
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
  }

  return (order) => {
    if (order.order === 'read') read(order.url, order.reading);
    else readings.get(order.reading)?.abort();
  };
}
