import { visibleText } from '../../agent/text/escapes/strip.ts';
import type { Hello, StreamProgress } from '../../agent/words/wire.ts';
import type { ReadEvents, ResponseEnd } from '../stream/read-events.ts';
import { createHighlighter } from '../text/pattern.ts';
import type { SearchPatterns } from './hit-reader.ts';

/** What a piece of the answer held: lines in rising order, and how often each matches. */
export interface FoundHits {
  log: string;
  ids: number[];
  counts: number[];
  /** Lines that were looked at so far. */
  scanned: number | undefined;
}

/** Reads which lines of an events URL match. */
export function readHits(
  readEvents: ReadEvents,
  url: string,
  { pattern, also }: SearchPatterns,
  signal: AbortSignal,
  found: (hits: FoundHits) => void,
): Promise<ResponseEnd> {
  const { spansOf } = createHighlighter(pattern);
  const required = also.map(createHighlighter);
  let log = '';
  let ids: number[] = [];
  let counts: number[] = [];
  let progress: StreamProgress | undefined;
  const onEvent = (type: string, data: string, id: string): void => {
    if (type === 'message') {
      const text = visibleText(data);
      if (required.some((one) => one.spansOf(text).length === 0)) return;
      ids.push(Number(id));
      // The agent has the last word on whether a line matches.
      counts.push(Math.max(1, spansOf(text).length));
    } else if (type === 'hello') {
      log = (JSON.parse(data) as Hello).log;
    } else if (type === 'progress') {
      progress = JSON.parse(data) as StreamProgress;
    }
  };
  return readEvents(url, signal, onEvent, () => {
    if (signal.aborted || (ids.length === 0 && progress === undefined)) return;
    found({ log, ids, counts, scanned: progress?.scanned });
    ids = [];
    counts = [];
    progress = undefined;
  });
}
