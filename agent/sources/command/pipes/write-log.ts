import { watch } from 'node:fs';

/** Which of some pipes were written to, one after the other, as their reader is notified of it. */
export class WriteLog {
  #pipes: number[] = [];
  #reports = 0;

  /** How many there were, also where one says what the one before it said. */
  get reports(): number {
    return this.#reports;
  }

  report(pipe: number): void {
    this.#reports++;
    if (this.#pipes.at(-1) !== pipe && this.#pipes.length < mostWrites) this.#pipes.push(pipe);
  }

  /** Indices of pipes in the order of the writes, several in a row to one pipe as one. They are not kept here. */
  take(): number[] {
    return this.#pipes.splice(0);
  }

  /** Keeps the last of what was taken, before what was reported since. */
  putBack(pipes: readonly number[]): void {
    this.#pipes.unshift(...pipes);
  }

  clear(): void {
    this.#pipes.length = 0;
  }
}

/** More than are made while a chunk is read: beyond that the order of much text is lost, and no memory. */
const mostWrites = 16_384;

/**
 * Reports which FIFO was written to (inotify), as long as this process runs; nothing where the system has no more
 * watches.
 */
export function watchWrites(paths: readonly string[]): WriteLog {
  const writes = new WriteLog();
  if (process.platform !== 'linux') return writes;
  for (const [pipe, path] of paths.entries()) {
    try {
      const watcher = watch(path, { persistent: false }, (event) => {
        if (event === 'change') writes.report(pipe);
      });
      watcher.on('error', () => watcher.close());
    } catch {
      return writes;
    }
  }
  return writes;
}
