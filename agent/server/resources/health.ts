import type { Log } from '../../journal/store.ts';

/** Knows whether the journal of the agent's current log can be written. */
export interface Health {
  /** One sentence, or undefined while all is well. */
  readonly trouble: string | undefined;
  close(): void;
}

export function watchHealth(current: () => Log | undefined): Health {
  let watched: Log | undefined;
  let unsubscribe: (() => void) | undefined;
  let trouble: string | undefined;

  function watch(): void {
    const log = current();
    if (log === watched) return;
    unsubscribe?.();
    watched = log;
    trouble = undefined;
    unsubscribe = log?.journal.subscribe({
      onTrouble(now) {
        trouble = now;
      },
    });
  }

  watch();
  return {
    get trouble() {
      watch();
      return trouble;
    },
    close() {
      unsubscribe?.();
    },
  };
}
