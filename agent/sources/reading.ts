import { nowhere } from './fingerprint.ts';
import { type Generation, takeText } from './generation.ts';
import type { Patience } from './patience.ts';
import type { ReadBuffers } from './read-buffers.ts';
import type { Channel, FilePosition, Sink } from './source.ts';

/** The text of one followed name: what its generations hold, given to one channel. */
export interface Reading {
  /** The text so far ends in the middle of a line. */
  readonly isMidLine: boolean;
  /** The journal knows the generation from its first batch on, even if nothing comes of it for long. */
  begin(generation: Generation): Promise<void>;
  /** There is no file yet; after a restart as well, one that comes is read from its first byte. */
  beginLater(): Promise<void>;
  /** What was appended: ends with a read that did not fill the buffer, since another event tells of what came after it. */
  news(generation: Generation): Promise<void>;
  /** Reads until a read gives nothing; while stopping only up to `limit`, and not past a full journal (then false). */
  toEnd(generation: Generation, limit?: number): Promise<boolean>;
  /** The generation's text is complete: an unfinished line becomes a line. */
  end(generation: Generation, position?: FilePosition): Promise<void>;
  /**
   * Lines that came late to a file that was left, given in between those of its successor, which the position stays with.
   * `withRest`: an unfinished last one as well.
   */
  lateLines(straggler: Generation, withRest: boolean): Promise<void>;
  positionOf(generation: Generation): FilePosition;
  notice(text: string): Promise<void>;
  /** From now on nothing waits for the journal. */
  stop(): void;
}

export interface ReadingOptions {
  name: string;
  /** Absolute. */
  path: string;
  sink: Sink;
  channel: Channel;
  buffers: ReadBuffers;
  patience: Patience;
  /** A read has found that the file does not hold any more what was read from it. */
  onCut(generation: Generation): Promise<void>;
}

type Step = 'full' | 'part' | 'end' | 'blocked';

export function createReading(options: ReadingOptions): Reading {
  const { name, path, sink, channel, buffers, onCut } = options;
  const { wait } = options.patience;
  let isStopping = false;
  let isMidLine = false;
  let lastPosition: FilePosition | undefined;

  return {
    get isMidLine() {
      return isMidLine;
    },

    async begin(generation) {
      lastPosition = positionOf(generation);
      if (generation.skipLines === 0) await wait(channel.write(Buffer.alloc(0), lastPosition));
    },

    async beginLater() {
      await wait(channel.write(Buffer.alloc(0), nowhere(name, path)));
    },

    async news(generation) {
      while ((await readOnce(generation)) === 'full') if (isStopping) return;
    },

    async toEnd(generation, limit = Number.POSITIVE_INFINITY) {
      for (;;) {
        const step = await readOnce(generation);
        if (step === 'blocked') return false;
        if (step === 'end' || generation.file.offset >= limit) return true;
      }
    },

    async end(generation, position = positionOf(generation)) {
      const rest = generation.utf16?.flush();
      if (rest !== undefined && rest.length > 0) await wait(channel.write(rest));
      lastPosition = position;
      isMidLine = false;
      await wait(channel.end(position));
    },

    async lateLines(straggler, withRest) {
      await buffers.with(async (buffer) => {
        const progress = await straggler.file.read(buffer);
        if (progress.type !== 'bytes') return;
        const end = withRest ? progress.bytes.length : progress.bytes.lastIndexOf(10) + 1;
        const bytes = progress.bytes.subarray(0, end);
        if (end === 0) return;
        straggler.activeAt = performance.now();
        straggler.file.consume(bytes);
        const text = straggler.utf16?.push(bytes) ?? bytes;
        if (text.length === 0) return;
        await wait(channel.write(text, lastPosition));
        if (text.at(-1) !== 10) await wait(channel.write(Buffer.from('\n'), lastPosition));
      });
    },

    positionOf,
    notice: async (text) => wait(sink.notice(text, name)),

    stop() {
      isStopping = true;
    },
  };

  async function readOnce(generation: Generation): Promise<Step> {
    const { file, statedMtimeNs } = generation;
    const step = await buffers.with(async (buffer) => {
      const progress = await file.read(buffer);
      if (progress.type !== 'bytes') return progress.type;
      generation.activeAt = performance.now();
      const isFull = progress.bytes.byteOffset + progress.bytes.length === buffer.byteOffset + buffer.length;
      return { isFull, taken: give(generation, progress.bytes) };
    });
    if (step === 'cut') {
      await onCut(generation);
      return 'end';
    }
    generation.mtimeNs = statedMtimeNs;
    if (step === 'nothing') return 'end';
    await wait(step.taken);
    if (step.taken !== undefined && isStopping) return 'blocked';
    return step.isFull ? 'full' : 'part';
  }

  /** Bytes that follow on the generation's offset, to the channel. */
  function give(generation: Generation, bytes: Buffer): Promise<void> | undefined {
    const text = takeText(generation, bytes);
    if (text.length === 0) return undefined;
    isMidLine = text.at(-1) !== 10;
    // Of UTF-16 the channel can't tell how many bytes its unfinished line has in the file.
    if (generation.utf16 !== undefined && isMidLine) return channel.write(text);
    lastPosition = positionOf(generation);
    return channel.write(text, lastPosition);
  }

  function positionOf({ file, utf16, mtimeNs }: Generation): FilePosition {
    const offset = file.offset - (utf16?.heldBytes ?? 0);
    const writtenAtUs = Number((mtimeNs + 999n) / 1000n);
    return { source: name, path, file: file.id, offset, head: file.head, writtenAtUs };
  }
}
