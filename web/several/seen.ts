/** Which line of each log this browser's reader has come to; shared by its tabs. */
export interface SeenLines {
  /** `Infinity` while the log is watched: what comes is seen. */
  lastOf(logId: string): number | undefined;
  /** @param watchedMs for how long this page is trusted to show the log's end; 0: it does so no longer. Others may */
  see(logId: string, last: number, watchedMs?: number): void;
}

/** A log's last line that was seen, and up to when each page watches it, in milliseconds since the epoch. */
type Seen = readonly [last: number, ...watchedUntil: number[]];

const key = 'sse-tail:seen-lines';
/** Of more logs nobody keeps count. */
const mostLogs = 300;

export function createSeenLines(storage: Pick<Storage, 'getItem' | 'setItem'>): SeenLines {
  /** What this page has written last: it may take that back, and no other page's. */
  let own = 0;
  return {
    lastOf(logId) {
      const [last, ...watched] = read(storage)[logId] ?? [];
      return watched.some(isToCome) ? Number.POSITIVE_INFINITY : last;
    },
    see(logId, last, watchedMs = 0) {
      const { [logId]: before, ...others } = read(storage);
      const watched = before?.slice(1).filter((until) => until !== own && isToCome(until)) ?? [];
      own = watchedMs && Date.now() + watchedMs;
      if (own > 0) watched.push(own);
      const now = [last, ...watched] as const;
      if (String(before) === String(now)) return;
      // Those seen last stand at the end.
      const kept = [...Object.entries(others).slice(1 - mostLogs), [logId, now] as const];
      try {
        storage.setItem(key, JSON.stringify(Object.fromEntries(kept)));
      } catch {
        // Storage is full or forbidden: nothing counts as seen.
      }
    },
  };
}

const isToCome = (time: number) => time > Date.now();

function read(storage: Pick<Storage, 'getItem'>): Record<string, Seen> {
  try {
    const value: unknown = JSON.parse(storage.getItem(key) ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, Seen>) : {};
  } catch {
    return {};
  }
}
