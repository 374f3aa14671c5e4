/** Which line of each log this browser's reader has come to; shared by its tabs. */
export interface SeenLines {
  lastOf(logId: string): number | undefined;
  see(logId: string, last: number): void;
}

const key = 'sse-tail:seen';
/** Of more logs nobody keeps count. */
const mostLogs = 300;

export function createSeenLines(storage: Pick<Storage, 'getItem' | 'setItem'>): SeenLines {
  return {
    lastOf: (logId) => read(storage)[logId],
    see(logId, last) {
      const { [logId]: before, ...others } = read(storage);
      if (before === last) return;
      // Those seen last stand at the end.
      const kept = [...Object.entries(others).slice(1 - mostLogs), [logId, last] as const];
      try {
        storage.setItem(key, JSON.stringify(Object.fromEntries(kept)));
      } catch {
        // Storage is full or forbidden: nothing counts as seen.
      }
    },
  };
}

function read(storage: Pick<Storage, 'getItem'>): Record<string, number> {
  try {
    const value: unknown = JSON.parse(storage.getItem(key) ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, number>) : {};
  } catch {
    return {};
  }
}
