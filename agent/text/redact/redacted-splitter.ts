import type { LineReceiver } from '../lines/line-writer.ts';
import { createSplitter, type Splitter, type SplitterOptions } from '../lines/splitter.ts';
import type { ChunkSpan, Redactor } from './redact.ts';

/** A splitter whose lines and partials have no secrets. `pending` counts a piece that is held back as well. */
export interface RedactedSplitter extends Splitter {
  /** The unfinished line may end in the middle of a secret, the rest of which is still to come. */
  readonly mayCutSecret: boolean;
  /** What may be the beginning of a secret, at the end of the text that has ended. */
  readonly cutOff: string;
  /** What `write` writes follows on a text that ended with `cutOff`, and not on the one that is being written. */
  after(cutOff: string, write: () => void): void;
}

export function createRedactedSplitter(
  receiver: LineReceiver,
  redactor: Redactor,
  options?: SplitterOptions,
): RedactedSplitter {
  const lines = redactor.lines(receiver);
  /** Bytes written, and how many of them were in lines at the newest line and at the one before. */
  let taken = 0;
  let chunkStart = 0;
  let done = 0;
  let doneBefore = 0;
  const inChunk: ChunkSpan = { from: 0, to: 0 };
  const splitter = createSplitter(
    {
      line(bytes, start, end, continued) {
        doneBefore = done;
        done = taken - splitter.pending;
        inChunk.from = doneBefore - chunkStart;
        inChunk.to = done - chunkStart;
        lines.line(bytes, start, end, continued, inChunk);
      },
      lines(bytes, start, end) {
        doneBefore = done;
        done = taken - splitter.pending;
        lines.plainLines(bytes, start, end);
      },
    },
    options,
  );

  return {
    get pending() {
      return lines.isHolding ? taken - doneBefore : splitter.pending;
    },
    get style() {
      return splitter.style;
    },
    get link() {
      return splitter.link;
    },
    write(chunk, encoding) {
      chunkStart = taken;
      taken += chunk.length;
      lines.begin(chunk);
      splitter.write(chunk, encoding);
    },
    end() {
      lines.end(() => splitter.end());
      done = taken;
    },
    discard() {
      lines.end(() => splitter.discard());
      done = taken;
    },
    takeBack() {
      const text = splitter.takeBack();
      done = taken;
      return text;
    },
    get mayCutSecret() {
      return lines.isHolding || (splitter.pending > 0 && lines.mayGoOn(splitter.partial(Number.POSITIVE_INFINITY)));
    },
    get cutOff() {
      return lines.cutOff;
    },
    after: lines.after.bind(lines),
    partial: () => lines.partial(splitter.partial()),
    resume: splitter.resume.bind(splitter),
  };
}
