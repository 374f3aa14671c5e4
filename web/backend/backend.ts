import type { Histogram, Outline } from '../../agent/words/finding.ts';
import type { FirstEvents } from '../../agent/words/wire.ts';
import type { HitReader } from '../finding/hit-reader.ts';
import type { ReadRange } from '../history/range-reader.ts';
import type { IdRange } from '../lines/id-ranges.ts';
import type { Probe } from '../stream/probe.ts';
import type { OpenStream } from '../stream/stream.ts';

/** Where the page has its log from: an agent, over HTTP, or the file that the page itself is. */
export interface Backend {
  /** Where the page is what was exported of a log: nothing will be added to it. */
  snapshot?: Snapshot;
  /** What came with the page. */
  firstEvents?: FirstEvents;
  openStream: OpenStream;
  /** A stream that nothing on the way can hold back. */
  openPolled: OpenStream;
  /** Whether the page is of an older version than what it asks. */
  isOutdated(): Promise<boolean | undefined>;
  probe(): Promise<Probe>;
  /** What there is to say against the URL of a stream; undefined where there is nothing. */
  whyRefused(url: string): Promise<string | undefined>;
  /** What the first lines do without. Rejects where it can't be loaded; then it may be asked for again. */
  later(): Promise<LaterBackend>;
}

export interface Snapshot {
  /** When it was made, in milliseconds since the epoch. */
  at: number;
  /** What a reader has to know of it, in sentences. */
  notes: readonly string[];
  /** Lines were left out. */
  isPart: boolean;
}

export interface LaterBackend {
  createRangeReader(): ReadRange;
  createHitReader(logId: () => string | undefined): HitReader;
  /** @param part the lines whose problems are asked for; those of the whole log where it is left out */
  outline(signal: AbortSignal, part?: IdRange): Promise<Outline>;
  /** @param query buckets, and a filter where one is on: `buckets=200&level=error` */
  histogram(query: string, signal: AbortSignal): Promise<Histogram>;
}
