import type { Channel } from '../../source.ts';
import { type AbsenceReporter, absenceFor } from '../find/absence.ts';
import { isStdinPath } from '../find/presence.ts';
import type { Backpressure } from './backpressure.ts';
import { type Pipe, readPipe } from './fifo.ts';

/** The text of a followed name while a FIFO, a device or standard input is at its path. */
export interface PipedText {
  readonly isOpen: boolean;
  /** Reads what is at the path, unless it is being read. */
  open(isFifo: boolean): Promise<void>;
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

export function createPipedText({ path, channel, backpressure, absence, onEnd }: PipedTextOptions): PipedText {
  const { wait } = backpressure;
  const reader = {
    write: (bytes: Buffer) => wait(channel.write(bytes)),
    writersLeft: () => wait(channel.end()),
  };
  let pipe: Pipe | undefined;

  return {
    get isOpen() {
      return pipe !== undefined;
    },
    async open(isFifo) {
      if (pipe !== undefined) return;
      try {
        pipe = await readPipe(path, reader, isFifo);
      } catch (error) {
        await absence.report(absenceFor(error));
        return;
      }
      const opened = pipe;
      void opened.ended.then(() => {
        if (pipe !== opened) return;
        pipe = undefined;
        if (!isFifo || isStdinPath(path)) onEnd();
      });
      await absence.reportBack();
    },
    async close() {
      const closing = pipe;
      pipe = undefined;
      closing?.close();
      await closing?.ended;
    },
  };
}
