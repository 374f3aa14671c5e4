import type { WritableLog } from '../journal/store.ts';
import type { Channel, WindowSize } from '../sources/source.ts';
import { createMarkedText } from '../text/lines/encoding.ts';
import type { LineReceiver } from '../text/lines/line-writer.ts';
import { createSplitter, type Splitter } from '../text/lines/splitter.ts';
import type { Redactor } from '../text/redact/redact.ts';
import { createRedactedSplitter } from '../text/redact/redacted-splitter.ts';
import { createScreenSplitter, type ScreenSplitter } from '../text/screen/screen-splitter.ts';
import { defined } from '../words/defined.ts';
import type { Origin, Stream } from '../words/line.ts';
import type { FilePosition } from '../words/position.ts';
import type { EncodingHint } from './encoding-hint.ts';
import type { Gather } from './gather.ts';
import type { LastLines } from './last-lines.ts';
import type { Origins } from './origins.ts';
import type { TaskProgressOfStream } from './task-progress.ts';
import { createUnfinishedRows, type UnfinishedText } from './unfinished-rows.ts';

/** One stream of one source: its bytes become lines, and what is no line yet is shown. */
export interface RecordingChannel extends Channel {
  /** The lines so far are in the journal and announced. */
  written(): void;
  /** Takes nothing from now on, and shows nothing any more. */
  stop(): void;
}

export interface ChannelOptions {
  source: string;
  stream: Stream;
  /** The bytes are for a terminal, which is as large as this says. */
  terminal: (() => WindowSize) | undefined;
  log: WritableLog;
  gather: Gather;
  origins: Origins;
  progress: TaskProgressOfStream;
  redactor: Redactor | undefined;
  /** What the bytes are written in, where it isn't UTF-8. */
  encoding: string | undefined;
  encodingHint: EncodingHint | undefined;
  lastLines: LastLines | undefined;
  goesOn: boolean;
  onClose: () => void;
}

export function createChannel(options: ChannelOptions): RecordingChannel {
  const { source, stream, terminal, log, gather, origins, progress, redactor } = options;
  const { encoding, encodingHint, lastLines, goesOn } = options;
  const { builder } = gather;
  const mark = stream === 'stderr' ? { stream } : {};
  const lines = createLineReceiver(options, () => unfinished.becameLine());
  // A terminal's rows are UTF-8 already.
  const count = encodingHint?.channel();
  const splitting = defined({ encoding: terminal === undefined ? encoding : undefined, onMended: count?.mended });
  const redacted = redactor && createRedactedSplitter(lines.receiver, redactor, splitting);
  const splitter = redacted ?? createSplitter(lines.receiver, splitting);
  const lastLine = lastLines?.(origins.nameOf(source), stream);
  if (goesOn && lastLine !== undefined) splitter.resume(lastLine.bytes);
  lines.isInLine = lastLine?.isContinued ?? false;
  const text =
    terminal === undefined
      ? splitter
      : createScreenSplitter(splitter, {
          size: terminal,
          tellAge: lines.setAge,
          ...defined({ encoding, onMended: count?.mended }),
        });
  const unfinished = createUnfinishedRows(
    'partial' in text ? unfinishedLine(text) : unfinishedScreen(text, redactor),
    (rows) => log.setPartial({ ...defined({ source: origins.nameOf(source) }), ...mark, rows }),
    taken,
  );
  let isClosed = false;
  // A followed file's positions count its bytes: there its own reader decodes them. A terminal's are no file's.
  const marked = terminal === undefined ? createMarkedText() : undefined;
  if (!goesOn && lines.isInLine) {
    endLine();
    taken();
  }

  function taken(position?: FilePosition): Promise<void> | undefined {
    lines.endChunk();
    if (position !== undefined) gather.move({ ...position, offset: position.offset - splitter.pending });
    unfinished.changed();
    return gather.wait();
  }

  /** The last piece of a line is stored as one that goes on, and nothing does: a restart has found it so. */
  function endLine(): void {
    if (!lines.isInLine) return;
    lines.receiver.line(nothing, 0, 0, false);
    lines.endChunk();
  }

  function writeWhole(bytes: Buffer, known: 'utf-8' | undefined): void {
    text.write(bytes, known);
    if (splitter.pending > 0) text.end();
  }

  function endMarked(): void {
    if (marked === undefined) return;
    const { isUtf16 } = marked;
    const rest = marked.end();
    if (rest.length > 0) text.write(rest, isUtf16 ? 'utf-8' : undefined);
  }

  return {
    write(bytes, position, known) {
      if (isClosed) return undefined;
      const given = position === undefined && known === undefined && marked ? marked.take(bytes) : bytes;
      count?.written(given.length);
      progress.written(given);
      builder.expect(given);
      text.write(given, marked?.isUtf16 ? 'utf-8' : known);
      builder.expect(undefined);
      return taken(position);
    },
    end(position) {
      if (isClosed) return undefined;
      endMarked();
      text.end();
      endLine();
      progress.ended();
      return taken(position);
    },
    discard() {
      endMarked();
      text.discard();
      // What was stored of a line before a restart can't be taken back.
      endLine();
      progress.ended();
      unfinished.becameLine();
      unfinished.written();
      taken();
    },
    get awaitsRest() {
      return redacted?.mayCutSecret ?? false;
    },
    get cutOff() {
      return redacted?.cutOff ?? '';
    },
    writeLate(bytes, cutOff, position, known) {
      if (isClosed) return undefined;
      count?.written(bytes.length);
      progress.written(bytes);
      builder.expect(bytes);
      if (redacted === undefined) writeWhole(bytes, known);
      else redacted.after(cutOff, () => writeWhole(bytes, known));
      builder.expect(undefined);
      return taken(position);
    },
    close: options.onClose,
    written: unfinished.written,
    stop() {
      isClosed = true;
      unfinished.close();
    },
  };
}

/**
 * Puts lines under their origin into the batch. The lines of a chunk were read at the same time, unless an age says
 * that the next ones were written so many milliseconds earlier.
 */
function createLineReceiver(
  { source, stream, gather: { builder }, origins }: ChannelOptions,
  becameLine: () => void,
): { receiver: LineReceiver; isInLine: boolean; setAge(ms: number): void; endChunk(): void } {
  const mark = stream === 'stderr' ? { stream } : {};
  let origin: Origin | undefined;
  let continuedOrigin: Origin | undefined;
  let ageMs = 0;

  function endChunk(): void {
    origin = undefined;
    continuedOrigin = undefined;
  }

  const receiving = {
    /** The last line that was taken is a piece, and goes on. */
    isInLine: false,
    receiver: {
      line(bytes: Buffer, start: number, end: number, continued: boolean) {
        receiving.isInLine = continued;
        origin ??= origins.at(source, mark, ageMs);
        if (continued) {
          continuedOrigin ??= { ...origin, continued };
          builder.origin(continuedOrigin);
        } else {
          builder.origin(origin);
        }
        builder.line(bytes, start, end);
        becameLine();
      },
      lines(bytes: Buffer, start: number, end: number) {
        receiving.isInLine = false;
        origin ??= origins.at(source, mark, ageMs);
        builder.origin(origin);
        builder.lines(bytes, start, end);
        becameLine();
      },
    },
    setAge(ms: number) {
      if (ms === ageMs) return;
      ageMs = ms;
      endChunk();
    },
    endChunk,
  };
  return receiving;
}

const nothing = Buffer.alloc(0);

/** Of lines: the last one, as long as it has no end. The splitter has taken the secrets out of it. */
function unfinishedLine(splitter: Splitter): UnfinishedText {
  return {
    get isUnfinished() {
      return splitter.pending > 0;
    },
    rows: () => [splitter.partial()],
  };
}

/** Of a terminal: the rows that can still change, before they pass through the splitter. */
function unfinishedScreen(screen: ScreenSplitter, redactor: Redactor | undefined): UnfinishedText {
  return {
    get isUnfinished() {
      return screen.isUnfinished;
    },
    rows: () => redactor?.rows(screen.rows()) ?? screen.rows(),
    settle: () => screen.settle(),
  };
}
