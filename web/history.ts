import type { Origin } from '../agent/line.ts';
import type { Gap } from '../agent/wire.ts';
import type { Range } from './line-store.ts';
import type { LineBlock, ReadRange } from './range-reader.ts';

export interface HistoryOptions {
  readRange: ReadRange;
  /** Id of the log that is shown: an answer of another one (the agent was restarted) is void. */
  logId(): string | undefined;
  line(id: number, text: string, origin: Origin): void;
  gap(gap: Gap): void;
  /** Something came, or it is time to ask again: `want` should be called anew. */
  changed(): void;
}

/** Fetches lines that are looked at and not there. */
export interface History {
  /** All ranges that are wanted now; what was asked for before and is not among them is given up. */
  want(ranges: readonly Range[]): void;
  /** Gives lines in order, past the store: for copying. Resolves to false where they couldn't all be read. */
  read(range: Range, onLine: (text: string, origin: Origin) => void, signal: AbortSignal): Promise<boolean>;
}

interface Reading extends Range {
  stop(): void;
}

const maxReadings = 2;
/** Dragging the scrollbar wants other lines in every frame; not each of them is worth a request. */
const spacingMs = 30;
const firstRetryMs = 500;
const longestRetryMs = 10_000;
const unknownOrigin: Origin = { time: 0 };

/** URL of the lines of a range, relative to the page. */
export function rangeUrl(range: Range): string {
  return `events?from=${range.from}&to=${range.to}&follow=0`;
}

export function createHistory(options: HistoryOptions): History {
  const { readRange, changed } = options;
  const readings = new Set<Reading>();
  let failures = 0;
  let notBefore = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function want(ranges: readonly Range[]): void {
    for (const reading of readings) {
      if (!ranges.some((range) => overlap(range, reading))) end(reading);
    }
    for (const range of ranges) {
      const isUnderWay = [...readings].some((reading) => overlap(range, reading));
      if (isUnderWay || readings.size >= maxReadings) continue;
      if (Date.now() < notBefore) {
        changeAt(notBefore);
        return;
      }
      start(range);
    }
  }

  function start(range: Range): void {
    notBefore = Date.now() + spacingMs;
    let given = 0;
    const reading: Reading = { ...range, stop: () => undefined };
    readings.add(reading);
    reading.stop = readRange(rangeUrl(range), {
      lines(block, log) {
        if (log !== options.logId()) return;
        given += block.ids.length;
        eachLine(block, options.line);
        changed();
      },
      gap(gap, log) {
        if (log !== options.logId()) return;
        given++;
        options.gap(gap);
        changed();
      },
      end(how) {
        readings.delete(reading);
        // An answer without any of the lines would be asked for again at once, and so on for ever.
        if (how === 'done' && given > 0) failures = 0;
        else notBefore = Date.now() + Math.min(longestRetryMs, firstRetryMs * 2 ** failures++);
        changeAt(notBefore);
      },
    });
  }

  function end(reading: Reading): void {
    reading.stop();
    readings.delete(reading);
  }

  function changeAt(time: number): void {
    clearTimeout(timer);
    timer = setTimeout(changed, Math.max(0, time - Date.now()));
  }

  function read(range: Range, onLine: (text: string, origin: Origin) => void, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      let expected = range.from;
      const stop = readRange(rangeUrl(range), {
        lines(block, log) {
          if (log !== options.logId()) return;
          eachLine(block, (id, text, origin) => {
            if (id === expected) expected++;
            onLine(text, origin);
          });
        },
        gap: () => undefined,
        end: () => resolve(expected === range.to + 1),
      });
      signal.addEventListener('abort', () => {
        stop();
        resolve(false);
      });
    });
  }

  return { want, read };
}

function eachLine(block: LineBlock, take: (id: number, text: string, origin: Origin) => void): void {
  let origin = unknownOrigin;
  let next = 0;
  block.ids.forEach((id, at) => {
    for (let news = block.origins[next]; news && news.at <= at; news = block.origins[++next]) origin = news.origin;
    take(id, block.texts[at] ?? '', origin);
  });
}

function overlap(a: Range, b: Range): boolean {
  return a.from <= b.to && b.from <= a.to;
}
