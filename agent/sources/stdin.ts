import type { Readable } from 'node:stream';
import { createDeferred } from '../system/deferred.ts';
import { allTaken, type Copy, createCopy, noCopy } from '../system/tee.ts';
import type { Outcome, Sink, Source } from './source.ts';

export interface StdinOptions {
  /** What is read; this process's standard input unless tests or a program say otherwise. */
  input?: Readable;
  /** Don't pass the input on to stdout. */
  quiet?: boolean;
  /** Takes all bytes, as they come. */
  save?: Copy;
}

/** After a signal the end of the pipeline is still awaited this long: `make` prints its last words after Ctrl-C. */
const lastWordsMs = 1000;

/** Standard input, until it ends; passed on to stdout as `tee` does, so that it can stand in a pipeline. */
export function createStdinSource({ input = process.stdin, quiet = false, save = noCopy }: StdinOptions = {}): Source {
  const { promise: ended, resolve: settle } = createDeferred<Outcome>();

  async function pump(sink: Sink): Promise<void> {
    const startedAt = Date.now();
    sink.status({ state: 'running', startedAt });
    const channel = sink.channel('stdin');
    const copy: Copy = quiet ? noCopy : createCopy(1, () => input.destroy());
    try {
      for await (const chunk of input) {
        await allTaken([copy.write(chunk), save.write(chunk), channel.write(chunk)]);
      }
    } catch {
      // Destroyed: by `stop`, or because nobody reads the copy (the writer gets its SIGPIPE).
    }
    await channel.end();
    const outcome = { code: 0, signal: null };
    sink.status({ state: 'exited', ...outcome, startedAt, endedAt: Date.now() });
    await sink.flush();
    settle(outcome);
  }

  return {
    async start(sink) {
      void pump(sink);
    },
    ended,
    async stop() {
      const timer = setTimeout(() => input.destroy(), lastWordsMs);
      await ended;
      clearTimeout(timer);
    },
  };
}
