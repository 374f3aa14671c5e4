import type { Channel } from '../../source.ts';
import { type AbsenceReporter, absenceFor } from '../find/absence.ts';
import { isStdinPath, type PipePresence } from '../find/presence.ts';
import type { Backpressure } from './backpressure.ts';
import { type Pipe, readPipe } from './fifo.ts';

/** The text of a followed name while a FIFO, a device or standard input is at its path. */
export interface PipedText {
  readonly isOpen: boolean;
  /** Its text so far ends in the middle of a line. */
  readonly isMidLine: boolean;
  /** It has left the path, and may still give text. */
  readonly isLeaving: boolean;
  /** Whether this is what is read, or has been to its end. */
  isOf(there: PipePresence): boolean;
  /** Reads what is at the path, unless it is being read; one that was read before it is left first. */
  open(there: PipePresence): Promise<void>;
  /** It has left the path: closes it once nothing comes from it any more. False when that is not so yet. */
  leave(): Promise<boolean>;
  /** Resolves when nothing is read any more. */
  close(): Promise<void>;
}

export interface PipedTextOptions {
  /** Absolute. */
  path: string;
  channel: Channel;
  backpressure: Backpressure;
  absence: AbsenceReporter;
  /** It will never give anything again: standard input ended. */
  onEnd(): void;
}

const lf = 0x0a;

/** It is left this long after the last text. */
const settleMs = 100;
/** The longest that text which goes on and on holds up what has the path now. */
const leavingMs = 1000;

export function createPipedText({ path, channel, backpressure, absence, onEnd }: PipedTextOptions): PipedText {
  const { wait } = backpressure;
  const reader = {
    async write(bytes: Buffer) {
      isWaiting = true;
      isMidLine = bytes.at(-1) !== lf;
      await wait(channel.write(bytes));
      isWaiting = false;
      activeAt = performance.now();
    },
    writersLeft() {
      isMidLine = false;
      return wait(channel.end());
    },
  };
  let pipe: Pipe | undefined;
  /** A device that was read to its end: it would give that again, or nothing. */
  let spentId: string | undefined;
  let isWaiting = false;
  let isMidLine = false;
  let activeAt = Number.NEGATIVE_INFINITY;
  let leavingSince: number | undefined;

  function isOf({ id }: PipePresence): boolean {
    return id === pipe?.id || id === spentId;
  }

  async function close(): Promise<void> {
    const closing = pipe;
    pipe = undefined;
    closing?.close();
    await closing?.ended;
  }

  async function leave(): Promise<boolean> {
    spentId = undefined;
    if (pipe === undefined) return true;
    const now = performance.now();
    leavingSince ??= now;
    if (isWaiting) return false;
    if (now - Math.max(activeAt, leavingSince) < settleMs && now - leavingSince < leavingMs) return false;
    await close();
    return true;
  }

  return {
    get isOpen() {
      return pipe !== undefined;
    },
    get isLeaving() {
      return pipe !== undefined && leavingSince !== undefined;
    },
    get isMidLine() {
      return isMidLine;
    },
    isOf,
    async open(there) {
      const isSame = isOf(there);
      if (!isSame && !(await leave())) return;
      leavingSince = undefined;
      if (isSame) return absence.reportBack();
      try {
        pipe = await readPipe(path, reader, there);
      } catch (error) {
        await absence.report(absenceFor(error));
      }
      const opened = pipe;
      if (opened === undefined) return;
      void opened.ended.then(() => {
        if (pipe !== opened) return;
        pipe = undefined;
        if (isStdinPath(path)) onEnd();
        else if (!there.isFifo) spentId = there.id;
      });
      await absence.reportBack();
    },
    leave,
    close,
  };
}
