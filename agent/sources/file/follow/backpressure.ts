/** Waiting for the channel, until the source is stopped: a journal that can't be written must not hold up the end. */
export interface Backpressure {
  /** Resolves when the channel takes more, or when it is lifted. */
  wait(taken: Promise<void> | undefined): Promise<void> | undefined;
  /** From here on nothing waits for the channel. */
  readonly isLifted: boolean;
  lift(): void;
}

export function createBackpressure(): Backpressure {
  // Not `Promise.race` with one promise for the end: each race would leave a reaction on it for good.
  const waiting = new Set<() => void>();
  let isLifted = false;

  return {
    wait(taken) {
      if (taken === undefined || isLifted) return undefined;
      return new Promise((resolve) => {
        const done = (): void => {
          waiting.delete(done);
          resolve();
        };
        waiting.add(done);
        taken.then(done, done);
      });
    },
    get isLifted() {
      return isLifted;
    },
    lift() {
      isLifted = true;
      for (const done of [...waiting]) done();
    },
  };
}
