import type { SearchProgress } from '../../../finding/search.ts';
import { endEvent, eventText, progressText } from '../../../frame/events.ts';
import { visitEvents } from '../../../frame/scan.ts';
import type { Log } from '../../../journal/store.ts';
import { isFinished } from '../../../words/log.ts';
import type { Gap, StreamProgress } from '../../../words/wire.ts';
import type { Outlet } from '../../socket/outlet.ts';
import { createSharedChunk, eventChunk, type SharedChunk } from '../../socket/shared-chunk.ts';
import type { Format } from '../../stream/format.ts';
import { statusOf } from '../../stream/status.ts';

/** Lines that were found: whole events that begin with an origin, or no bytes at all. */
export interface FoundLines {
  bytes: Buffer;
  /** Id of the last line in `bytes`. */
  lastLine: number;
}

/** Writes to one client what a search finds, how far it has come, and what becomes of the log meanwhile. */
export interface SearchWriter {
  /**
   * Everything up to this line was sent: less than was looked through where lines before a match may have to be sent
   * yet.
   */
  readonly safeId: number;
  /** What was looked through until now. */
  readonly total: SearchProgress;
  /** Everything up to this line was sent, or is none of those that are asked for. */
  settle(id: number): void;
  /** @param firstId of the block that they are of */
  lines(found: FoundLines, firstId: number): void;
  /** As `lines`: others find the same in what is announced, and are passed the same bytes. */
  share(found: FoundLines, firstId: number): void;
  /** These lines are missing. Said before the next line that is there, as one gap with those right before it. */
  gap(gap: Gap): void;
  sayGap(): void;
  /** Nothing is said of what is before this line. */
  startAt(id: number): void;
  /** Says that lines up to this one are left out: there are more matches than are sent. */
  skip(from: number, to: number): void;
  /** The search has come so far. */
  count(total: SearchProgress): void;
  /** Says how far it has come, in a moment where that was said often; with an id where a client may resume there. */
  progress(): void;
  /** As `progress`, again also where nothing is new, unless it was said often. */
  progressUnderWay(): void;
  /** As `progress`, but not for each batch in which nothing is found. */
  progressSoon(): void;
  /** As `progress`, at once, as nothing comes after it. */
  lastProgress(): void;
  /** Says what became of the log, unless that was said. */
  status(): void;
  /** The client gets the log's status from elsewhere. */
  saidStatus(): void;
  /**
   * The end of a complete answer.
   *
   * @param lastId everything that is asked for up to this line was looked through
   * @param isDone no line after it is asked for
   */
  end(lastId: number, isDone: boolean): void;
  /** Nothing is said any more after a while. */
  close(): void;
}

export interface SearchWriterOptions {
  log: Log;
  format: Format;
  outlet: Outlet;
  /** The first line that is asked for. */
  firstId: number;
}

const progressMs = 1000;
/** Within that time at most. Under way one less: when there is nothing more to look through, that is said at once. */
const mostProgress = 4;

export function createSearchWriter({ log, format, outlet, firstId }: SearchWriterOptions): SearchWriter {
  let safeId = firstId - 1;
  /** What the client knows the search to have come to. */
  let knownId = safeId;
  let linesSent = 0;
  let total: SearchProgress = { scanned: 0, of: 0, matches: 0, time: 0 };
  let unsentGap: Gap | undefined;
  let saidAt = performance.now();
  const times = createTimes();
  let hasSaidAll = true;
  let timer: NodeJS.Timeout | undefined;
  let knownSources = log.sources.length;
  let sentStatus = statusNow();

  function statusNow(): string {
    return JSON.stringify(statusOf(log));
  }

  function sayGap(): void {
    if (unsentGap !== undefined) outlet.write(format.gap(unsentGap));
    unsentGap = undefined;
  }

  function sent(lastLine: number, lines: number): void {
    linesSent += lines;
    knownId = Math.max(knownId, lastLine);
  }

  function lines({ bytes, lastLine }: FoundLines, firstId: number): void {
    if (bytes.length === 0) return;
    sayGap();
    outlet.write(format.block({ bytes, firstId, lastId: lastLine }));
    sent(lastLine, countLines(bytes));
  }

  function share(found: FoundLines, firstId: number): void {
    if (found.bytes.length === 0) return;
    if (!format.isJournal) {
      lines(found, firstId);
      return;
    }
    sayGap();
    const { chunk, lines: count } = excerptOf(found.bytes);
    outlet.share(chunk);
    sent(found.lastLine, count);
  }

  function startAt(id: number): void {
    safeId = knownId = Math.max(safeId, id - 1);
  }

  function say(isUnderWay: boolean): void {
    if (!format.hasEvents || (hasSaidAll && !isUnderWay)) return;
    sayGap();
    saidAt = performance.now();
    times.add(saidAt);
    hasSaidAll = true;
    const progress: StreamProgress = { to: Math.max(safeId, knownId), ...total, ...newSources() };
    const isNew = progress.to > knownId;
    outlet.write(Buffer.from(isNew ? progressText(progress) : eventText('progress', progress)));
    knownId = progress.to;
  }

  function sayIn(ms: number): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      if (outlet.isOpen && !outlet.isBehind) say(false);
    }, ms);
  }

  function newSources(): { sources?: string[] } {
    const sources = log.sources.slice(knownSources);
    knownSources += sources.length;
    return sources.length > 0 ? { sources } : {};
  }

  return {
    get safeId() {
      return safeId;
    },
    get total() {
      return total;
    },
    settle(id) {
      safeId = Math.max(safeId, id);
    },
    lines,
    share,
    gap({ from, to, reason }) {
      if (unsentGap !== undefined && unsentGap.reason !== reason) sayGap();
      unsentGap = { from: unsentGap?.from ?? from, to, reason };
    },
    sayGap,
    startAt,
    skip(from, to) {
      sayGap();
      if (from <= to) outlet.write(format.skip({ from, to }));
      startAt(to + 1);
    },
    count(next) {
      total = next;
      hasSaidAll = false;
    },
    progress() {
      const ms = times.msUntil(mostProgress);
      if (ms > 0) sayIn(ms);
      else say(false);
    },
    progressUnderWay() {
      if (times.msUntil(mostProgress - 1) === 0) say(true);
    },
    progressSoon: () => sayIn(Math.max(0, saidAt + progressMs - performance.now())),
    lastProgress: () => say(false),
    status() {
      const now = statusNow();
      if (!format.hasEvents || sentStatus === now) return;
      sentStatus = now;
      outlet.share(eventChunk('status', statusOf(log)));
    },
    saidStatus() {
      sentStatus = statusNow();
    },
    end(lastId, isDone) {
      sayGap();
      const isWholeLog = lastId >= log.journal.lastId && isFinished(log.status);
      // What was waited for won't come: a client that comes back has everything.
      if (isWholeLog) safeId = lastId;
      say(lastId > knownId && isWholeLog);
      if (format.hasEvents && isWholeLog) outlet.share(eventChunk('status', statusOf(log)));
      if (format.hasEvents && (isWholeLog || isDone)) {
        outlet.write(endEvent(Math.min(lastId, log.journal.lastId), linesSent));
      }
      outlet.write(format.end());
      outlet.end();
    },
    close: () => clearTimeout(timer),
  };
}

/** When progress was said, as far as that matters for when it may be said again. */
function createTimes() {
  const times: number[] = [];
  return {
    add(time: number): void {
      times.push(time);
      if (times.length > mostProgress) times.shift();
    },
    /** Milliseconds until the last `progressMs` hold less than `most` of them. */
    msUntil(most: number): number {
      const before = times.at(-most);
      const ms = before === undefined ? 0 : before + progressMs - performance.now();
      // Timers count whole milliseconds, and may be early by part of one.
      return ms <= 0 ? 0 : Math.ceil(ms) + 1;
    },
  };
}

/** Lines that are sent to many. */
interface ExcerptChunk {
  chunk: SharedChunk;
  lines: number;
}

/** Shared by all clients that find the same, and gone with its bytes. */
const excerpts = new WeakMap<Buffer, ExcerptChunk>();

function excerptOf(bytes: Buffer): ExcerptChunk {
  let excerpt = excerpts.get(bytes);
  if (excerpt === undefined) {
    excerpt = { chunk: createSharedChunk(bytes), lines: countLines(bytes) };
    excerpts.set(bytes, excerpt);
  }
  return excerpt;
}

function countLines(events: Buffer): number {
  let lines = 0;
  visitEvents(events, {
    origin: () => undefined,
    line() {
      lines++;
    },
  });
  return lines;
}
