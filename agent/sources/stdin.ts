import { createReadStream, fstatSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { createDeferred } from '../system/deferred.ts';
import { allTaken, createTee, isReaderGone, noTee, type Tee } from '../system/tee.ts';
import { causeOf } from '../words/errors.ts';
import type { Outcome, Sink, Source } from './source.ts';

export interface StdinOptions {
  /** What is read; this process's standard input unless tests or a program say otherwise. */
  input?: Readable;
  /** Don't pass the input on to stdout. */
  quiet?: boolean;
  /** Takes all bytes, as they come. */
  save?: Tee;
  /** Called once when stdout can't be written any more, though somebody is there to read it: the log goes on. */
  onLoss?: (to: string, error: unknown) => void;
  /** Gets a sentence when the input can't be read; it ends there with code 1. */
  onUnreadable?: (sentence: string) => void;
}

/** After a signal the end of the pipeline is still awaited this long: `make` prints its last words after Ctrl-C. */
const lastWordsMs = 1000;

/** Standard input, until it ends; passed on to stdout as `tee` does, so that it can stand in a pipeline. */
export function createStdinSource(options: StdinOptions = {}): Source {
  const { input = standardInput(), quiet = false, save = noTee, onLoss = () => {}, onUnreadable = () => {} } = options;
  const ended = createDeferred<Outcome>();

  function passOn(): Tee {
    if (quiet) return noTee;
    return createTee(1, (error) => {
      // The writer gets its SIGPIPE.
      if (isReaderGone(error)) input.destroy();
      else onLoss('standard output', error);
    });
  }

  async function pump(sink: Sink): Promise<void> {
    const startedAt = Date.now();
    sink.status({ state: 'running', startedAt });
    const channel = sink.channel('stdin');
    const tee = passOn();
    const code = await read((chunk) => allTaken([tee.write(chunk), save.write(chunk), channel.write(chunk)]));
    await channel.end();
    const outcome = { code, signal: null };
    sink.status({ state: 'exited', ...outcome, startedAt, endedAt: Date.now() });
    await sink.flush();
    ended.resolve(outcome);
  }

  async function read(take: (chunk: Buffer) => Promise<unknown> | undefined): Promise<number> {
    try {
      for await (const chunk of input) await take(chunk);
    } catch (error) {
      // Destroyed here it has no error of its own.
      if (input.errored == null) return 0;
      onUnreadable(`Standard input can't be read: ${causeOf(error)}.`);
      return 1;
    }
    return 0;
  }

  return {
    async start(sink) {
      void pump(sink);
    },
    ended: ended.promise,
    async stop() {
      const timer = setTimeout(() => input.destroy(), lastWordsMs);
      await ended.promise;
      clearTimeout(timer);
    },
  };
}

/**
 * Node takes a directory or a disk for an input that is empty; read, the one says what is wrong and the other what is
 * on it.
 */
function standardInput(): Readable {
  const found = fstatSync(0);
  return found.isDirectory() || found.isBlockDevice() ? createReadStream('', { fd: 0 }) : process.stdin;
}
