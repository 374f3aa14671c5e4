/** Waiting for the channel, until it is time to stop: a journal that can't be written must not hold up the end. */
export interface Patience {
  /** Resolves when the channel takes more, or at the end. */
  wait(taken: Promise<void> | undefined): Promise<void> | undefined;
  readonly isOver: boolean;
  end(): void;
}

export function createPatience(): Patience {
  // Not `Promise.race` with one promise for the end: each race would leave a reaction on it for good.
  const waiting = new Set<() => void>();
  let isOver = false;

  return {
    wait(taken) {
      if (taken === undefined || isOver) return undefined;
      return new Promise((resolve) => {
        const done = (): void => {
          waiting.delete(done);
          resolve();
        };
        waiting.add(done);
        taken.then(done, done);
      });
    },
    get isOver() {
      return isOver;
    },
    end() {
      isOver = true;
      for (const done of [...waiting]) done();
    },
  };
}
