import { useEffect, useState } from 'preact/hooks';
import type { LogSummary } from '../../agent/words/log.ts';
import { logListUrl } from '../app/address.ts';
import { isVisible } from '../app/tab/is-visible.ts';
import { createLogList, type LogListState } from '../logs/log-list.ts';

/**
 * The logs there are, newest first, kept up to date; undefined until they are known. `now` is the agent's clock then,
 * in milliseconds since the epoch.
 */
export function useLogs(): { logs: readonly LogSummary[] | undefined; now: number } {
  const [{ logs, now }, setList] = useState<Pick<LogListState, 'logs' | 'now'>>({ logs: undefined, now: 0 });
  useEffect(() => {
    const list = createLogList({
      fetchLogs,
      isVisible,
      changed: setList,
    });
    document.addEventListener('visibilitychange', list.look);
    return () => {
      document.removeEventListener('visibilitychange', list.look);
      list.close();
    };
  }, []);
  return { logs, now };
}

export function fetchLogs(signal: AbortSignal): Promise<Response> {
  return fetch(logListUrl(location.pathname), { headers: { accept: 'application/json' }, cache: 'no-cache', signal });
}
