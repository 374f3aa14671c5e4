import type { LineStore } from './line-store.ts';

/** Lines that the agent has spoken of and that are on their way. */
export interface Announced {
  /** The log has lines up to this one. */
  upTo(id: number): void;
  /** Another log is shown. */
  forget(): void;
}

/** What has not come by then is asked for. */
const comesWithinMs = 300;

/**
 * Lets a log grow with its lines instead of with the news of them: at tens of thousands of lines a second, rows without
 * text would flash up at each news.
 *
 * @param grown called when the log has grown by lines that have not come
 */
export function createAnnounced(store: LineStore, grown: () => void): Announced {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = 0;

  function grow(): void {
    timer = undefined;
    if (last <= store.last) return;
    store.span(store.first, last);
    grown();
  }

  return {
    upTo(id) {
      last = id;
      timer ??= setTimeout(grow, comesWithinMs);
    },
    forget() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
