import { SseTailError } from '../../words/errors.ts';

/** What a journal does one after the other, until it is closed. */
export interface Steps {
  readonly closed: boolean;
  /** Does it when those before it are done, whether they failed or not. Rejects where the journal is closed by then. */
  next<Result>(what: () => Promise<Result>): Promise<Result>;
  /** @throws where the journal is closed */
  checkOpen(): void;
  /** Resolves when the one that is being done is done. */
  close(): Promise<void>;
}

export function createSteps(): Steps {
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  function checkOpen(): void {
    if (closed) throw new SseTailError('journal', 'The journal is closed.');
  }

  return {
    get closed() {
      return closed;
    },
    next(what) {
      const done = last.then(() => {
        checkOpen();
        return what();
      });
      last = done.catch(() => undefined);
      return done;
    },
    checkOpen,
    async close() {
      closed = true;
      await last;
    },
  };
}
