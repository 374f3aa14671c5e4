import type { ResponseEnd } from '../stream/read-events.ts';
import type { TextPattern } from '../text/pattern.ts';

export type HitOrder =
  | { order: 'search'; search: number; url: string; pattern: TextPattern; also: readonly TextPattern[] }
  | { order: 'stop' };

export type HitNews =
  | { news: 'hits'; search: number; log: string; ids: number[]; counts: number[]; scanned: number | undefined }
  | { news: 'end'; search: number; end: ResponseEnd };

export interface SearchPatterns {
  pattern: TextPattern;
  also: readonly TextPattern[];
}

export interface HitListener {
  /** Lines that match, in rising order, and how often. `scanned`: lines that were looked at so far. */
  hits(ids: readonly number[], counts: readonly number[], scanned: number | undefined): void;
  end(end: ResponseEnd): void;
}

/** Reads which lines of an events URL match; whatever was read before is given up. */
export interface HitReader {
  /** `also`: what a line has to hold as well; a request has one case for all its texts. */
  read(url: string, patterns: SearchPatterns, listener: HitListener): void;
  stop(): void;
}

/** Reads in a worker: a search may find a million lines. */
export function createHitReader(worker: Worker, logId: () => string | undefined): HitReader {
  let search = 0;
  let listener: HitListener | undefined;

  worker.onmessage = ({ data }: MessageEvent<HitNews>) => {
    if (data.search !== search) return;
    if (data.news === 'end') listener?.end(data.end);
    else if (data.log === logId()) listener?.hits(data.ids, data.counts, data.scanned);
  };
  worker.onerror = () => listener?.end({ how: 'failed' });

  return {
    read(url, patterns, next) {
      listener = next;
      search++;
      const order: HitOrder = { order: 'search', search, url: new URL(url, document.baseURI).href, ...patterns };
      worker.postMessage(order);
    },
    stop() {
      search++;
      listener = undefined;
      worker.postMessage({ order: 'stop' } satisfies HitOrder);
    },
  };
}
