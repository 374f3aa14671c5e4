import type { Origin } from '../../agent/words/line.ts';
import type { Gap } from '../../agent/words/wire.ts';

/** Consecutive lines as the worker read them. `origins` are those in force from the line at index `at` on. */
export interface LineBlock {
  ids: number[];
  texts: string[];
  origins: { at: number; origin: Origin }[];
  /** Everything asked for up to this line is in this block or was in those before, where the agent has said so. */
  reached?: number;
}

/** How a reading ended: `failed` where the answer was none, or broke off. */
export type ReadingEnd = 'done' | 'failed';

export interface RangeListener {
  /** `log` is the id of the log that answers. */
  lines(block: LineBlock, log: string): void;
  gap(gap: Gap, log: string): void;
  /** Called once, and nothing after it; never after the reading was stopped. */
  end(end: ReadingEnd): void;
}

/** What the page tells the worker. */
export type ReaderOrder = { order: 'read'; reading: number; url: string } | { order: 'stop'; reading: number };

/** What the worker tells the page. */
export type ReaderNews =
  | { news: 'lines'; reading: number; log: string; block: LineBlock }
  | { news: 'gap'; reading: number; log: string; gap: Gap }
  | { news: 'end'; reading: number; end: ReadingEnd };

/** Starts to read the lines of an events URL that ends by itself; the function returned stops it. */
export type ReadRange = (url: string, listener: RangeListener) => () => void;

/** Readings in one worker, so that parsing never holds up the page. */
export function createRangeReader(worker: Worker): ReadRange {
  const listeners = new Map<number, RangeListener>();
  let readings = 0;

  worker.onmessage = ({ data }: MessageEvent<ReaderNews>) => {
    const listener = listeners.get(data.reading);
    if (!listener) return;
    if (data.news === 'lines') {
      listener.lines(data.block, data.log);
    } else if (data.news === 'gap') {
      listener.gap(data.gap, data.log);
    } else {
      listeners.delete(data.reading);
      listener.end(data.end);
    }
  };
  worker.onerror = () => {
    const waiting = [...listeners.values()];
    listeners.clear();
    for (const listener of waiting) listener.end('failed');
  };

  return (url, listener) => {
    const reading = ++readings;
    listeners.set(reading, listener);
    // A worker's relative URLs begin at its script and not at the page.
    send({ order: 'read', reading, url: new URL(url, document.baseURI).href });
    return () => {
      if (listeners.delete(reading)) send({ order: 'stop', reading });
    };
  };

  function send(order: ReaderOrder): void {
    worker.postMessage(order);
  }
}
