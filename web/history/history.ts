import type { Origin } from '../../agent/words/line.ts';
import type { Gap } from '../../agent/words/wire.ts';
import type { IdRange } from '../lines/id-ranges.ts';
import type { LineBlock, ReadingEnd, ReadRange } from './range-reader.ts';

export interface HistoryOptions {
  readRange: ReadRange;
  /** Id of the log that is shown: an answer of another one (the agent was restarted) is void. */
  logId(): string | undefined;
  /** The query that says which lines are wanted; empty where all are. */
  selection(): string;
  line(id: number, text: string, origin: Origin): void;
  /** These lines are not among the ones that are wanted. */
  hidden(from: number, to: number): void;
  gap(gap: Gap): void;
  /** Something came, or it is time to ask again: `want` should be called anew. */
  changed(): void;
  /** Lines that are looked at came, or the reading of them ended; it may be given up before that. */
  answered(how: ReadingEnd): void;
}

/** Lines that are wanted: a range; or, where lines are left out, so many from one end of it on. */
export interface Want extends IdRange {
  some?: { from: 'start' | 'end'; lines: number };
}

/** Fetches lines that are looked at and not there. */
export interface LineHistory {
  /** All that is wanted now; what was asked for before and is not among it is given up. */
  want(wants: readonly Want[]): void;
  /** Other lines are wanted from now on: what is under way is void. */
  startOver(): void;
  /** The id of the one line that is wanted, past the store, of those that a selection lets through. */
  find(want: Want, selection: string): Promise<number | 'none' | 'unknown'>;
  /**
   * Gives lines in order, past the store: for copying. Resolves to false where they couldn't all be read.
   * @param selection another one than that of the lines that are wanted
   */
  read(
    range: Want,
    onLine: (text: string, origin: Origin, id: number) => void,
    signal?: AbortSignal,
    selection?: string,
  ): Promise<boolean>;
}

interface RangeRead extends Want {
  /** Up to which line it is known which ones are wanted; undefined before the first line of those from the end. */
  reached: number | undefined;
  stop(): void;
}

const maxReadings = 2;
/** Dragging the scrollbar wants other lines in every frame; not each of them is worth a request. */
const spacingMs = 30;
const firstRetryMs = 500;
const longestRetryMs = 10_000;
const unknownOrigin: Origin = { time: 0 };

/** URL of the lines that are wanted, relative to the page. */
function wantUrl({ from, to, some }: Want, selection = ''): string {
  const part = some ? `&${some.from === 'start' ? 'limit' : 'tail'}=${some.lines}` : '';
  return `events?pieces=1&from=${from}&to=${to}${part}&follow=0${selection && `&${selection}`}`;
}

export function createHistory(options: HistoryOptions): LineHistory {
  const { readRange, changed } = options;
  const readings = new Set<RangeRead>();
  let failures = 0;
  let notBefore = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function want(wants: readonly Want[]): void {
    for (const reading of readings) {
      if (!wants.some((one) => brings(reading, one))) end(reading);
    }
    for (const one of wants) {
      const isUnderWay = [...readings].some((reading) => brings(reading, one));
      if (isUnderWay || readings.size >= maxReadings) continue;
      if (Date.now() < notBefore) {
        changeAt(notBefore);
        return;
      }
      start(one);
    }
  }

  function start(one: Want): void {
    notBefore = Date.now() + spacingMs;
    let matches = 0;
    let isAnswered = false;
    const isFromEnd = one.some?.from === 'end';
    const reading: RangeRead = { ...one, reached: isFromEnd ? undefined : one.from - 1, stop: () => undefined };
    let firstId = one.to + 1;
    readings.add(reading);
    reading.stop = readRange(wantUrl(one, options.selection()), {
      lines(block, log) {
        if (log !== options.logId()) return;
        if (!isAnswered) options.answered('done');
        isAnswered = true;
        firstId = Math.min(firstId, block.ids[0] ?? firstId);
        eachLine(block, (id, text, origin) => {
          reach(reading, id - 1);
          reading.reached = id;
          if (!origin.context) matches++;
          options.line(id, text, origin);
        });
        if (block.reached !== undefined) reach(reading, block.reached);
        changed();
      },
      gap(gap, log) {
        if (log !== options.logId()) return;
        isAnswered = true;
        reading.reached = gap.to;
        options.gap(gap);
        changed();
      },
      end(how) {
        readings.delete(reading);
        options.answered(how);
        const isWhole = how === 'done' && isAnswered;
        if (isWhole && one.some?.from === 'end' && matches < one.some.lines) options.hidden(one.from, firstId - 1);
        // An answer that tells nothing would be asked for again at once, and so on for ever.
        if (isWhole) failures = 0;
        else notBefore = Date.now() + Math.min(longestRetryMs, firstRetryMs * 2 ** failures++);
        changeAt(notBefore);
      },
    });
  }

  function reach(reading: RangeRead, id: number): void {
    if (reading.reached === undefined || id <= reading.reached) return;
    options.hidden(reading.reached + 1, id);
    reading.reached = id;
  }

  function end(reading: RangeRead): void {
    reading.stop();
    readings.delete(reading);
  }

  function changeAt(time: number): void {
    clearTimeout(timer);
    timer = setTimeout(changed, Math.max(0, time - Date.now()));
  }

  async function find(one: Want, selection: string): Promise<number | 'none' | 'unknown'> {
    let found: number | 'none' = 'none';
    const take = (_text: string, _origin: Origin, id: number) => {
      found = id;
    };
    const isWhole = await read(one, take, undefined, selection);
    return isWhole ? found : 'unknown';
  }

  function read(
    range: Want,
    onLine: (text: string, origin: Origin, id: number) => void,
    signal?: AbortSignal,
    selection = options.selection(),
  ) {
    return new Promise<boolean>((resolve) => {
      let isWhole = true;
      const stop = readRange(wantUrl(range, selection), {
        lines(block, log) {
          if (log !== options.logId()) isWhole = false;
          else eachLine(block, (id, text, origin) => onLine(text, origin, id));
        },
        gap() {
          isWhole = false;
        },
        end: (how) => resolve(isWhole && how === 'done'),
      });
      signal?.addEventListener('abort', () => {
        stop();
        resolve(false);
      });
    });
  }

  return {
    want,
    startOver() {
      for (const reading of readings) end(reading);
    },
    read,
    find,
  };
}

function eachLine(block: LineBlock, take: (id: number, text: string, origin: Origin) => void): void {
  let origin = unknownOrigin;
  let next = 0;
  block.ids.forEach((id, at) => {
    for (let news = block.origins[next]; news && news.at <= at; news = block.origins[++next]) origin = news.origin;
    take(id, block.texts[at] ?? '', origin);
  });
}

/** Whether what is read is what is wanted, or is on the way to it. */
function brings(reading: RangeRead, { from, to, some }: Want): boolean {
  if (reading.some?.from !== some?.from) return false;
  if (!some) return from <= reading.to && reading.from <= to;
  if (some.from === 'end') return to === reading.to;
  return from >= reading.from && from <= (reading.reached ?? reading.from) + 1;
}
