import { useEffect, useState } from 'preact/hooks';
import { isFinished, type LogSummary } from '../../agent/words/log.ts';
import type { ViewState } from '../app/view-state.ts';
import { severalWords } from '../late-words.ts';
import { frameIn, linkTo } from './frame.ts';
import { type Runs, runsOf } from './runs.ts';
import { fetchLogs } from './use-logs.ts';

const patienceMs = 10_000;

/** Other runs of what the page shows a finished run of: asked for once, and again when the agent begins a log. */
export function useRuns({ logId, status, current, snapshot }: ViewState): Runs | undefined {
  const [runs, setRuns] = useState<Runs | undefined>();
  const isOver = status !== undefined && isFinished(status);
  useEffect(() => {
    setRuns(undefined);
    // Whoever shows an old run beside another log means it.
    if (logId === undefined || !isOver || snapshot || frameIn(location.search)) return;
    let isWanted = true;
    fetchLogs(AbortSignal.timeout(patienceMs))
      .then((response) => response.json())
      .then((logs: LogSummary[]) => isWanted && setRuns(runsOf(logs, logId)))
      .catch(() => undefined);
    return () => {
      isWanted = false;
    };
  }, [logId, isOver, current, snapshot]);
  return runs;
}

/** What the banner of an old run offers. */
export function RunLinks({ newest, previous }: Runs) {
  return (
    <>
      {newest && (
        <a class="open" {...linkTo(newest.id)}>
          {severalWords.newest}
        </a>
      )}
      {previous && (
        <a class="open" {...linkTo(previous.id)}>
          {severalWords.previous}
        </a>
      )}
    </>
  );
}
