import type { LogSummary } from '../../agent/words/log.ts';

/** What is known of the logs kept. */
export interface LogListState {
  /** Newest first; undefined until the agent has answered. */
  logs: readonly LogSummary[] | undefined;
  /** `lost`: the agent can't be reached; what it said last is shown, and it is asked again. */
  connection: 'connecting' | 'live' | 'lost';
  /** When the agent answered last, by its clock, in milliseconds since the epoch. */
  now: number;
}

export interface LogListOptions {
  fetchLogs(signal: AbortSignal): Promise<Response>;
  /** Nobody looks at a hidden page: it doesn't ask. */
  isVisible(): boolean;
  /** Called with every answer, so that times move on. */
  changed(state: LogListState): void;
}

export interface LogList {
  /** Asks at once. */
  look(): void;
  close(): void;
}

/** An unchanged list is a 304 without a body, so that asking often costs little. */
const everyMs = 1000;
const lostMs = 3000;
const patienceMs = 10_000;

/** Keeps a list of the logs up to date until it is closed. */
export function createLogList({ fetchLogs, isVisible, changed }: LogListOptions): LogList {
  let state: LogListState = { logs: undefined, connection: 'connecting', now: 0 };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking = false;
  let closed = false;

  function set(change: Partial<LogListState>): void {
    state = { ...state, ...change };
    if (!closed) changed(state);
  }

  async function ask(): Promise<void> {
    if (asking || closed) return;
    asking = true;
    clearTimeout(timer);
    try {
      const response = await fetchLogs(AbortSignal.timeout(patienceMs));
      if (!response.ok) throw new Error(`status ${response.status}`);
      set({ logs: (await response.json()) as LogSummary[], connection: 'live', now: timeOf(response) });
    } catch {
      set({ connection: 'lost' });
    } finally {
      asking = false;
    }
    if (closed || !isVisible()) return;
    timer = setTimeout(ask, state.connection === 'lost' ? lostMs : everyMs);
  }

  changed(state);
  void ask();

  return {
    look: () => {
      if (isVisible()) void ask();
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

/** This machine's own clock may be wrong, and the ages of logs would be. */
function timeOf({ headers }: Response): number {
  return Date.parse(headers.get('date') ?? '') || Date.now();
}
