import { createBatchBuilder } from './journal/frame.ts';
import type { LastLines } from './journal/last-lines.ts';
import type { WritableLog } from './journal/store.ts';
import type { Origin, Stream } from './line.ts';
import type { LogStatus } from './log.ts';
import type { Channel, FilePosition, Sink, WindowSize } from './sources/source.ts';
import type { Redactor } from './text/redact.ts';
import { createRedactedSplitter } from './text/redacted-splitter.ts';
import { createScreenSplitter } from './text/screen-splitter.ts';
import { createSplitter, type LineReceiver } from './text/splitter.ts';

/** Writes what sources give into a log: splits it into lines, gathers the lines into batches, shows what is no line yet. */
export interface Recorder extends Sink {
  /** Writes what is left and ends; what comes later is dropped. */
  close(): Promise<void>;
}

export interface RecorderOptions {
  log: WritableLog;
  /** The log's one source, whose name origins leave out; undefined where there are or may be several. */
  onlySource?: string;
  /** Where the texts go on that the log has already: a colour in force there is in force for what follows. */
  lastLines?: LastLines;
  /** Takes secrets out of lines, notices and names before anything is written or shown. */
  redactor?: Redactor;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** A source waits when this many bytes are not written yet: the journal is slower than it. */
const highWaterBytes = 1024 * 1024;

/**
 * Lines that come while many clients are served are gathered for as long as the last batch took to write and hand out,
 * at most this long: half of the time is then left for everything else, and ten times the lines cost no more writes.
 */
const longestGatherMs = 5;

/** A partial is shown when it has stood still this long, so that a line read in two chunks doesn't flicker. */
const partialDelayMs = 25;
const partialIntervalMs = 100;

export function createRecorder({ log, onlySource, lastLines, redactor, now = Date.now }: RecorderOptions): Recorder {
  const { journal } = log;
  const builder = createBatchBuilder(journal.lastId + 1);
  const channels: RecordingChannel[] = [];
  const moved = new Map<string, FilePosition>();
  let writing: Promise<void> | undefined;
  let lastAppendMs = 0;
  let lastAppendAt = Number.NEGATIVE_INFINITY;
  let statuses: Promise<void> = Promise.resolve();
  let closed = false;

  function scheduleWriting(): void {
    if (writing !== undefined || builder.lines === 0) return;
    writing = writeAll().finally(() => {
      writing = undefined;
    });
  }

  async function writeAll(): Promise<void> {
    await gather();
    for (;;) {
      const batch = builder.take();
      if (batch === undefined) return;
      if (moved.size > 0) {
        batch.positions = [...moved.values()];
        moved.clear();
      }
      const startedAt = performance.now();
      await journal.append(batch);
      lastAppendAt = performance.now();
      lastAppendMs = lastAppendAt - startedAt;
      for (const channel of channels) channel.written();
      if (builder.lines > 0) await gather();
    }
  }

  /** Until the end of this turn of the event loop when quiet: chunks that are there already share a batch. */
  function gather(): Promise<void> {
    const restMs = Math.min(longestGatherMs, lastAppendMs) - (performance.now() - lastAppendAt);
    return new Promise((resolve) => {
      if (restMs < 1 || builder.length >= highWaterBytes) setImmediate(resolve);
      else setTimeout(resolve, restMs);
    });
  }

  async function flushLines(): Promise<void> {
    while (writing !== undefined || builder.lines > 0) {
      scheduleWriting();
      await writing;
    }
  }

  function wait(): Promise<void> | undefined {
    scheduleWriting();
    return builder.length >= highWaterBytes ? writing : undefined;
  }

  function withoutSecrets(text: string): string {
    return redactor?.text(text) ?? text;
  }

  function originOf(source: string | undefined, extra: Omit<Origin, 'time' | 'source'>): Origin {
    return { time: now(), ...named(source), ...extra };
  }

  function nameOnWire(source: string | undefined): string | undefined {
    return source === undefined || source === onlySource ? undefined : withoutSecrets(source);
  }

  function named(source: string | undefined): { source?: string } {
    const name = nameOnWire(source);
    return name === undefined ? {} : { source: name };
  }

  interface RecordingChannel extends Channel {
    /** The lines given so far are in the journal and announced. */
    written(): void;
    close(): void;
  }

  function createChannel(source: string, stream: Stream, terminal: (() => WindowSize) | undefined): RecordingChannel {
    const mark = stream === 'stderr' ? { stream } : {};
    let origin: Origin | undefined;
    let continuedOrigin: Origin | undefined;
    const receiver: LineReceiver = {
      line(bytes, start, end, continued) {
        origin ??= originOf(source, mark);
        if (continued) {
          continuedOrigin ??= { ...origin, continued };
          builder.origin(continuedOrigin);
        } else {
          builder.origin(origin);
        }
        builder.line(bytes, start, end);
        partial.becameLine();
      },
    };
    const splitter = redactor === undefined ? createSplitter(receiver) : createRedactedSplitter(receiver, redactor);
    const lastLine = lastLines?.(nameOnWire(source), stream);
    if (lastLine !== undefined) splitter.resume(lastLine);
    const text = terminal === undefined ? splitter : createScreenSplitter(splitter, { size: terminal });
    const redaction = redactor?.lines(receiver);
    const partial = createPartialDisplay(
      () => {
        if (!('rows' in text)) return [text.partial()];
        return redaction === undefined ? text.rows() : text.rows().map((row) => redaction.partial(row));
      },
      (rows) => log.setPartial({ ...named(source), ...mark, rows }),
    );

    let settling: NodeJS.Timeout | undefined;

    function taken(position?: FilePosition): Promise<void> | undefined {
      origin = undefined;
      continuedOrigin = undefined;
      if (position !== undefined) {
        moved.set(source, { ...position, offset: position.offset - splitter.pending });
      }
      partial.changed('rows' in text ? text.isUnfinished : text.pending > 0);
      return wait();
    }

    /** Rows that have stood still for long enough become lines. */
    function settle(): void {
      settling = undefined;
      if (!('rows' in text)) return;
      const waitMs = text.settle();
      void taken();
      if (waitMs !== undefined) settling = setTimeout(settle, Math.max(waitMs, partialIntervalMs));
    }

    return {
      write(bytes, position) {
        if (closed) return undefined;
        text.write(bytes);
        if (terminal !== undefined) settling ??= setTimeout(settle, partialIntervalMs);
        return taken(position);
      },
      end(position) {
        if (closed) return undefined;
        text.end();
        clearTimeout(settling);
        return taken(position);
      },
      discard() {
        text.discard();
        partial.changed(false);
        partial.becameLine();
        partial.written();
      },
      written: partial.written,
      close() {
        clearTimeout(settling);
        partial.close();
      },
    };
  }

  return {
    channel(source, stream = 'stdout', terminal) {
      log.addSource(withoutSecrets(source));
      const channel = createChannel(source, stream, terminal);
      channels.push(channel);
      return channel;
    },

    notice(text, source) {
      if (closed) return undefined;
      const bytes = Buffer.from(withoutSecrets(text.replace(/[\r\n]+/g, ' ')));
      builder.origin(originOf(source, { kind: 'notice' }));
      builder.line(bytes, 0, bytes.length);
      return wait();
    },

    status(status: LogStatus) {
      statuses = statuses.then(flushLines).then(() => log.setStatus(status));
    },

    async flush() {
      await flushLines();
      await statuses;
    },

    async close() {
      await flushLines();
      await statuses;
      closed = true;
      for (const channel of channels) channel.close();
    },
  };
}

/**
 * Shows what is not a line yet, at most ten times a second, and takes it away at once when it has become one. Several
 * rows are only shown while no lines come: in a flood nobody could read them.
 */
function createPartialDisplay(look: () => string[], show: (rows: string[]) => void) {
  let shown = '';
  let isStale = false;
  let unfinished = false;
  let nextAt = 0;
  let linesAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  function set(rows: string[]): void {
    isStale = false;
    const text = rows.join('\n');
    if (text === shown) return;
    shown = text;
    show(text === '' ? [] : rows);
  }

  function update(): void {
    const now = performance.now();
    timer = undefined;
    const rows = unfinished ? look() : [];
    if (rows.length > 1 && now - linesAt < partialDelayMs) {
      timer = setTimeout(update, partialDelayMs);
      return;
    }
    nextAt = now + partialIntervalMs;
    set(rows);
  }

  function schedule(): void {
    if (unfinished) timer ??= setTimeout(update, Math.max(partialDelayMs, nextAt - performance.now()));
  }

  return {
    /** The unfinished line has changed, or there is none any more. */
    changed(isUnfinished: boolean): void {
      unfinished = isUnfinished;
      schedule();
    },
    /** What was unfinished is a line now (or void), though not yet in the journal. */
    becameLine(): void {
      isStale = shown !== '';
    },
    /** Those lines are in the journal and announced. */
    written(): void {
      const now = performance.now();
      const isFlood = now - linesAt < partialDelayMs;
      linesAt = now;
      if (!isStale) return;
      // What is left of the rows goes out with the lines, so that they don't blink.
      if (unfinished && now >= nextAt && !isFlood) {
        nextAt = now + partialIntervalMs;
        set(look());
        return;
      }
      // Taking it away can't wait, so the next one waits twice as long: ten a second all the same.
      nextAt += partialIntervalMs;
      set([]);
      schedule();
    },
    close(): void {
      clearTimeout(timer);
    },
  };
}
