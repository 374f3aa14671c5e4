import { createBatchBuilder } from '../frame/encode.ts';
import type { WritableLog } from '../journal/store.ts';
import type { Channel, Sink, WindowSize } from '../sources/source.ts';
import { createDeferred, type Deferred } from '../system/deferred.ts';
import type { LineRedaction, Redactor } from '../text/redact/redact.ts';
import { createRedactedSplitter } from '../text/redact/redacted-splitter.ts';
import { createScreenSplitter, type ScreenSplitter } from '../text/screen/screen-splitter.ts';
import { createSplitter, type LineReceiver, type Splitter } from '../text/splitter.ts';
import { defined } from '../words/defined.ts';
import type { Origin, Stream } from '../words/line.ts';
import type { LogStatus } from '../words/log.ts';
import type { FilePosition } from '../words/position.ts';
import type { LastLines } from './last-lines.ts';
import { createPartialDisplay, type UnfinishedText } from './unfinished-rows.ts';

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

/** A source waits when this many bytes have gathered beside the batch that is being written: the journal is slower than it. */
const highWaterBytes = 1024 * 1024;

/** Gathering for longer would save no writes that count. */
const fullBatchBytes = 64 * 1024;

/**
 * Lines that come while many clients are served are gathered for so many times as long as the last batch took to write and hand
 * out, at most for so long: most of the time is then left for everything else, and ten times the lines cost no more writes.
 */
const gatherShare = 2;
const longestGatherMs = 10;

export function createRecorder({ log, onlySource, lastLines, redactor, now = Date.now }: RecorderOptions): Recorder {
  const { journal } = log;
  const builder = createBatchBuilder(journal.lastId + 1);
  const channels: RecordingChannel[] = [];
  const moved = new Map<string, FilePosition>();
  let writing: Promise<void> | undefined;
  /** What sources wait for: that the next batch is on its way to the journal, and its room is free. */
  let room: Deferred<void> | undefined;
  let lastAppendMs = 0;
  let lastAppendAt = Number.NEGATIVE_INFINITY;
  let statuses: Promise<void> = Promise.resolve();
  let endGathering = () => {};
  let closed = false;

  function scheduleWriting(): void {
    if (writing !== undefined || builder.lineCount === 0) return;
    writing = writeAll().then(
      () => {
        writing = undefined;
        // Something may have come since it found that there was nothing more.
        scheduleWriting();
      },
      (error) => {
        writing = undefined;
        room?.reject(error);
        room = undefined;
        throw error;
      },
    );
  }

  async function writeAll(): Promise<void> {
    await gather();
    for (;;) {
      const batch = builder.take();
      if (batch === undefined) return;
      room?.resolve();
      room = undefined;
      if (moved.size > 0) {
        batch.positions = [...moved.values()];
        moved.clear();
      }
      const startedAt = performance.now();
      await journal.append(batch);
      builder.recycle(batch.bytes);
      if (log.beginnings.size > 0) log.dropBeginnings(journal.positions.keys());
      lastAppendAt = performance.now();
      lastAppendMs = lastAppendAt - startedAt;
      for (const channel of channels) channel.written();
      if (builder.lineCount > 0) await gather();
    }
  }

  /** Until the end of this turn of the event loop when quiet: chunks that are there already share a batch. */
  function gather(): Promise<void> {
    const restMs = Math.min(longestGatherMs, gatherShare * lastAppendMs) - (performance.now() - lastAppendAt);
    return new Promise((resolve) => {
      if (restMs < 1 || builder.length >= fullBatchBytes) {
        setImmediate(resolve);
        return;
      }
      const timer = setTimeout(resolve, restMs);
      endGathering = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function flushLines(): Promise<void> {
    while (writing !== undefined || builder.lineCount > 0) {
      scheduleWriting();
      await writing;
    }
  }

  function wait(): Promise<void> | undefined {
    scheduleWriting();
    if (builder.length >= fullBatchBytes) endGathering();
    if (builder.length < highWaterBytes) return undefined;
    room ??= createDeferred();
    return room.promise;
  }

  function withoutSecrets(text: string): string {
    return redactor?.text(text) ?? text;
  }

  function move(position: FilePosition): void {
    const { source } = position;
    moved.set(source, position);
    const isKnown = builder.lineCount > 0 || journal.positions.has(source) || log.beginnings.has(source);
    if (!isKnown) log.setBeginning(position);
  }

  function originOf(source: string | undefined, extra: Omit<Origin, 'time' | 'source'>): Origin {
    return { time: now(), ...named(source), ...extra };
  }

  function nameOnWire(source: string | undefined): string | undefined {
    return source === undefined || source === onlySource ? undefined : withoutSecrets(source);
  }

  function named(source: string | undefined): { source?: string } {
    return defined({ source: nameOnWire(source) });
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
      lines(bytes, start, end) {
        origin ??= originOf(source, mark);
        builder.origin(origin);
        builder.lines(bytes, start, end);
        partial.becameLine();
      },
    };
    const splitter = redactor === undefined ? createSplitter(receiver) : createRedactedSplitter(receiver, redactor);
    const lastLine = lastLines?.(nameOnWire(source), stream);
    if (lastLine !== undefined) splitter.resume(lastLine);
    const text = terminal === undefined ? splitter : createScreenSplitter(splitter, { size: terminal });
    const partial = createPartialDisplay(
      unfinishedIn(text, redactor?.lines(receiver)),
      (rows) => log.setPartial({ ...named(source), ...mark, rows }),
      taken,
    );

    function taken(position?: FilePosition): Promise<void> | undefined {
      origin = undefined;
      continuedOrigin = undefined;
      if (position !== undefined) {
        move({ ...position, offset: position.offset - splitter.pending });
      }
      partial.changed();
      return wait();
    }

    return {
      write(bytes, position) {
        if (closed) return undefined;
        builder.expect(bytes);
        text.write(bytes);
        builder.expect(undefined);
        return taken(position);
      },
      end(position) {
        if (closed) return undefined;
        text.end();
        return taken(position);
      },
      discard() {
        text.discard();
        partial.becameLine();
        partial.written();
      },
      written: partial.written,
      close: partial.close,
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

function unfinishedIn(text: Splitter | ScreenSplitter, redaction: LineRedaction | undefined): UnfinishedText {
  if ('partial' in text) {
    return {
      get isUnfinished() {
        return text.pending > 0;
      },
      rows: () => [text.partial()],
    };
  }
  return {
    get isUnfinished() {
      return text.isUnfinished;
    },
    rows: () => (redaction === undefined ? text.rows() : text.rows().map((row) => redaction.partial(row))),
    settle: () => text.settle(),
  };
}
