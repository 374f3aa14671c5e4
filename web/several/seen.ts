/** Which line of each log this browser's reader has come to; shared by its tabs. */
export interface SeenLines {
  /** `Infinity` while the log is watched: what comes is seen. */
  lastOf(logId: string): number | undefined;
  /** @param watchedMs for how long a page that shows the log's end is trusted to do so; others may as well */
  see(logId: string, last: number, watchedMs?: number): void;
}

/** A log's last line that was seen, and up to when it is watched, in milliseconds since the epoch. */
type Seen = readonly [last: number, watchedUntil: number];

const key = 'sse-tail:seen-lines';
/** Of more logs nobody keeps count. */
const mostLogs = 300;

export function createSeenLines(storage: Pick<Storage, 'getItem' | 'setItem'>): SeenLines {
  return {
    lastOf(logId) {
      const [last, watchedUntil = 0] = read(storage)[logId] ?? [];
      return watchedUntil > Date.now() ? Number.POSITIVE_INFINITY : last;
    },
    see(logId, last, watchedMs = 0) {
      const { [logId]: before, ...others } = read(storage);
      const watchedUntil = Math.max(before?.[1] ?? 0, watchedMs && Date.now() + watchedMs);
      if (before?.[0] === last && before[1] === watchedUntil) return;
      // Those seen last stand at the end.
      const kept = [...Object.entries(others).slice(1 - mostLogs), [logId, [last, watchedUntil]] as const];
      try {
        storage.setItem(key, JSON.stringify(Object.fromEntries(kept)));
      } catch {
        // Storage is full or forbidden: nothing counts as seen.
      }
    },
  };
}

function read(storage: Pick<Storage, 'getItem'>): Record<string, Seen> {
  try {
    const value: unknown = JSON.parse(storage.getItem(key) ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, Seen>) : {};
  } catch {
    return {};
  }
}
