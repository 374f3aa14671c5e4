import type { Pace } from '../../../system/pace.ts';
import type { FilePosition } from '../../../words/position.ts';
import type { Channel, Sink } from '../../source.ts';
import { nowhere } from '../find/fingerprint.ts';
import { type Generation, takeText } from '../open/generation.ts';
import type { OpenedFile, ReadResult } from '../open/opened-file.ts';
import type { Backpressure } from './backpressure.ts';
import type { ReadBuffers } from './read-buffers.ts';

/** The text of one followed name: what its generations hold, given to one channel. */
export interface GenerationReader {
  /** The text so far ends in the middle of a line. */
  readonly isMidLine: boolean;
  /** That line is to be read again rather than ended, if more of it may come. */
  readonly awaitsRest: boolean;
  /** The journal knows the generation from its first batch on, even if nothing comes of it for long. */
  begin(generation: Generation): Promise<void>;
  /** What an earlier run read can't be read on: what comes is a new text. */
  endEarlier(): Promise<void>;
  /** There is no file yet; after a restart as well, one that comes is read from its first byte. */
  beginLater(): Promise<void>;
  /** An event told of what is read now: it was written a moment ago, on this machine. */
  isAtHand: boolean;
  /**
   * What was appended: ends with a read that did not fill the buffer, since another event tells of what came after
   * it. Undefined when that took no wait.
   */
  news(generation: Generation): Promise<void> | undefined;
  /**
   * Reads until a read gives nothing, or up to `limit`; once backpressure is over not past a full journal (then
   * false).
   */
  toEnd(generation: Generation, limit?: number): Promise<boolean>;
  /** The generation's text is complete: an unfinished line becomes a line. */
  end(generation: Generation, position?: FilePosition): Promise<void>;
  /**
   * Lines that came late to a file that was left, given in between those of what has its place, but not in the middle
   * of one. The position stays with its successor, where that is a file. `withRest`: an unfinished last one as well.
   */
  lateLines(retired: Generation, withRest: boolean): Promise<void>;
  /**
   * The generation may be continued under another name: forgets the unfinished line, and returns the offset at which it
   * begins. One that is too long to be read again becomes a line here.
   */
  forgetLine(generation: Generation): Promise<number>;
  positionOf(generation: Generation): FilePosition;
  notice(text: string): Promise<void>;
}

export interface GenerationReaderOptions {
  name: string;
  /** Absolute. */
  path: string;
  sink: Sink;
  channel: Channel;
  buffers: ReadBuffers;
  pace: Pace;
  /** Once it is over, nothing waits for the journal, and nothing is read that would have to. */
  backpressure: Backpressure;
  /** What is no file has the path, and gave half a line. */
  isInPipedLine(): boolean;
  /** A read has found that the file does not hold any more what was read from it. */
  onTruncation(generation: Generation): Promise<void>;
}

type Step = 'full' | 'part' | 'end' | 'blocked';

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: every read moves on the same position.
export function createGenerationReader(options: GenerationReaderOptions): GenerationReader {
  const { name, path, sink, channel, buffers, pace, backpressure, isInPipedLine, onTruncation } = options;
  const { wait } = backpressure;
  let atHand: Pace | undefined;
  /** Bytes of text since the last line end. */
  let unfinishedBytes = 0;
  let lastPosition: FilePosition | undefined;

  return {
    get isMidLine() {
      return isMidLine();
    },
    get awaitsRest() {
      return channel.awaitsRest;
    },

    async begin(generation) {
      lastPosition = positionOf(generation);
      if (generation.skipLines === 0) await wait(channel.write(Buffer.alloc(0), lastPosition));
    },

    async endEarlier() {
      await wait(channel.end());
    },

    async beginLater() {
      await wait(channel.write(Buffer.alloc(0), nowhere(name, path)));
    },

    get isAtHand() {
      return atHand !== undefined;
    },
    set isAtHand(isSo) {
      atHand = isSo ? pace : undefined;
    },

    news(generation) {
      const step = atHand && buffers.withOneNow((buffer) => stepNow(generation, buffer));
      if (step === undefined) return readNews(generation);
      return step.isFull ? readOn(generation, step.taken) : wait(step.taken);
    },

    async toEnd(generation, limit = Number.POSITIVE_INFINITY) {
      const isWanted = (step: Step) => step !== 'blocked' && generation.file.offset < limit;
      return (await readWhile(generation, isWanted)) !== 'blocked';
    },

    end,

    async forgetLine(generation) {
      const { file, utf16 } = generation;
      // Of a line that was given in pieces, and of UTF-16, the bytes can't be taken back.
      if (unfinishedBytes > longLineBytes || (utf16 !== undefined && unfinishedBytes > 0)) await end(generation);
      const offset = file.offset - unfinishedBytes - (utf16?.heldBytes ?? 0);
      unfinishedBytes = 0;
      channel.discard();
      return offset;
    },

    async lateLines(retired, withRest) {
      await buffers.with(async (buffer) => {
        const result = await retired.file.read(buffer);
        if (result.type !== 'bytes' || isMidLine()) return;
        const end = withRest ? result.bytes.length : result.bytes.lastIndexOf(10) + 1;
        const bytes = result.bytes.subarray(0, end);
        if (end === 0) return;
        retired.activeAt = performance.now();
        retired.file.consume(bytes);
        const text = retired.utf16?.push(bytes) ?? bytes;
        if (text.length === 0) return;
        if (lastPosition?.file === retired.file.id) lastPosition = positionOf(retired);
        const cutOff = retired.cutOff ?? '';
        retired.cutOff = '';
        await wait(channel.writeLate(text, cutOff, lastPosition, retired.textEncoding));
      });
    },

    positionOf,
    notice: async (text) => wait(sink.notice(text, name)),
  };

  function isMidLine(): boolean {
    return unfinishedBytes > 0 || isInPipedLine();
  }

  async function end(generation: Generation, position = positionOf(generation)): Promise<void> {
    const rest = generation.utf16?.flush();
    if (rest !== undefined && rest.length > 0) await wait(channel.write(rest, undefined, generation.textEncoding));
    lastPosition = position;
    unfinishedBytes = 0;
    const ended = channel.end(position);
    generation.cutOff = channel.cutOff;
    await wait(ended);
  }

  /**
   * One step of reading that takes no wait; undefined where there is one, or something has to be seen to: nothing is
   * read then.
   */
  function stepNow(generation: Generation, buffer: Buffer): { isFull: boolean; taken?: Promise<void> } | undefined {
    const { file, statedMtimeNs } = generation;
    const result = readNow(file, buffer);
    if (result === undefined || result.type === 'cut') return undefined;
    generation.mtimeNs = statedMtimeNs;
    if (result.type === 'nothing') return nothingRead;
    const isFull = fills(buffer, result.bytes);
    // The channel keeps nothing of what it is given: the buffer is free when this returns.
    const taken = give(generation, takeText(generation, result.bytes));
    return taken === undefined ? { isFull } : { isFull, taken };
  }

  async function readNews(generation: Generation): Promise<void> {
    await readWhile(generation, (step) => step === 'full' && !backpressure.isLifted);
  }

  async function readOn(generation: Generation, taken: Promise<void> | undefined): Promise<void> {
    await wait(taken);
    if (!backpressure.isLifted) await readNews(generation);
  }

  /** Reads step by step while that is wanted, and to the end at most. */
  async function readWhile(generation: Generation, isWanted: (step: Step) => boolean): Promise<Step> {
    const last = await buffers.withTwo((buffer, second) => readSteps(generation, [buffer, second], isWanted));
    if (last !== 'cut') return last;
    await onTruncation(generation);
    return 'end';
  }

  /** While the bytes of one full buffer are made into lines, the second one is filled. */
  async function readSteps(
    generation: Generation,
    [first, second]: [Buffer, Buffer | undefined],
    isWanted: (step: Step) => boolean,
  ): Promise<Step | 'cut'> {
    const { file, statedMtimeNs } = generation;
    let buffer = first;
    let spare = second;
    let result = await read(file, buffer);
    for (;;) {
      if (result.type === 'cut') return 'cut';
      generation.mtimeNs = statedMtimeNs;
      if (result.type === 'nothing') return 'end';
      const isFull = fills(buffer, result.bytes);
      const text = takeText(generation, result.bytes);
      const isAhead = isFull && spare !== undefined && !atHand?.isQuick;
      const ahead = isAhead ? file.read(spare as Buffer) : undefined;
      // Looked at below, and not before the journal has taken this text.
      ahead?.catch(() => {});
      const taken = give(generation, text);
      await wait(taken);
      const step = taken !== undefined && backpressure.isLifted ? 'blocked' : isFull ? 'full' : 'part';
      if (!isWanted(step)) {
        // The buffer is not free as long as it is being filled.
        await ahead?.catch(() => {});
        return step;
      }
      if (ahead !== undefined) [buffer, spare] = [spare as Buffer, buffer];
      result = await (ahead ?? read(file, buffer));
    }
  }

  function read(file: OpenedFile, buffer: Buffer): ReadResult | Promise<ReadResult> {
    return readNow(file, buffer) ?? file.read(buffer);
  }

  function readNow(file: OpenedFile, buffer: Buffer): ReadResult | undefined {
    return atHand === undefined ? undefined : file.readNow(buffer, atHand);
  }

  /** Text that was just read and ends at the generation's offset, to the channel. */
  function give(generation: Generation, text: Buffer): Promise<void> | undefined {
    generation.activeAt = performance.now();
    if (text.length === 0) return undefined;
    const rest = text.length - 1 - text.lastIndexOf(10);
    unfinishedBytes = rest === text.length ? unfinishedBytes + rest : rest;
    // Of UTF-16 the channel can't tell how many bytes its unfinished line has in the file.
    const { utf16, textEncoding } = generation;
    if (utf16 !== undefined && unfinishedBytes > 0) return channel.write(text, undefined, textEncoding);
    lastPosition = positionOf(generation);
    return channel.write(text, lastPosition, textEncoding);
  }

  function positionOf({ file, utf16, mtimeNs }: Generation): FilePosition {
    const offset = file.offset - (utf16?.heldBytes ?? 0);
    const writtenAtUs = Number((mtimeNs + 999n) / 1000n);
    return { source: name, path, file: file.id, offset, head: file.head, writtenAtUs };
  }
}

/** Half of what a line may have before it is given in pieces. */
const longLineBytes = 128 * 1024;

const nothingRead = { isFull: false };

/** Whether the file may hold more than what was read. */
function fills(buffer: Buffer, bytes: Buffer): boolean {
  return bytes.byteOffset + bytes.length === buffer.byteOffset + buffer.length;
}
