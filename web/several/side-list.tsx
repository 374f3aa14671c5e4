/*
 * The other logs, beside this one. Tests and user styles may rely on it:
 *
 *   aside.side[data-part="logs"]
 *     nav.runs a.previous, a.newest    runs of the same, where there are others
 *     a.side-log                       data-log-id, data-state; aria-current="page": this one
 *       .name .unread .last-line
 *     a.beside                         shows it and this one side by side
 */
import { useRef } from 'preact/hooks';
import { visibleName } from '../../agent/text/drawing/invisible.ts';
import { count } from '../../agent/words/amounts.ts';
import { isFinished, type LogSummary } from '../../agent/words/log.ts';
import { logListUrl, logUrl } from '../app/address.ts';
import { toneOf } from '../app/status-words.ts';
import { CloseButton } from '../chrome/button.tsx';
import { Icon } from '../chrome/icons.tsx';
import { severalWords } from '../late-words.ts';

import { besideUrl } from './frame.ts';
import { runsOf, titleOf } from './runs.ts';
import type { SeenLines } from './seen.ts';
import { useLastLines } from './use-last-lines.ts';
import { useLogs } from './use-logs.ts';

interface Props {
  logId: string | undefined;
  seen: SeenLines;
  close(): void;
}

const mostShown = 50;

export function SideList({ logId, seen, close }: Props) {
  const { logs } = useLogs();
  const unreadOf = useUnread(seen);
  const shown = [...(logs ?? [])].sort(liveFirst).slice(0, mostShown);
  const lines = useLastLines(shown);
  const left = (logs?.length ?? 0) - shown.length;
  return (
    <aside class="side" data-part="logs" aria-label={severalWords.title}>
      <header class="panel-header">
        <h2>{severalWords.title}</h2>
        <a class="plain-button" href={logListUrl(location.pathname)}>
          {severalWords.all}
        </a>
        <CloseButton label={severalWords.close} close={close} />
      </header>
      {logs && logId !== undefined && <Runs logs={logs} logId={logId} />}
      <ul>
        {shown.map((log) => (
          <li key={log.id}>
            <Row log={log} isThis={log.id === logId} unread={unreadOf(log)} line={lines.get(log.id)} />
            {logId !== undefined && log.id !== logId && (
              <a
                class="beside"
                href={besideUrl(logId, log.id)}
                title={severalWords.beside}
                aria-label={severalWords.besideLabel(visibleName(titleOf(log)))}
              >
                <Icon name="beside" />
              </a>
            )}
          </li>
        ))}
      </ul>
      {left > 0 && (
        <a class="side-more" href={logListUrl(location.pathname)}>
          {severalWords.more(left)}
        </a>
      )}
    </aside>
  );
}

function Runs({ logs, logId }: { logs: readonly LogSummary[]; logId: string }) {
  const { newest, previous } = runsOf(logs, logId);
  if (!newest && !previous) return null;
  return (
    <nav class="runs" aria-label={severalWords.runs}>
      {previous && (
        <a class="previous" href={logUrl(location.pathname, previous.id)}>
          {severalWords.previous}
        </a>
      )}
      {newest && (
        <a class="newest" href={logUrl(location.pathname, newest.id)}>
          {severalWords.newest}
        </a>
      )}
    </nav>
  );
}

interface RowProps {
  log: LogSummary;
  isThis: boolean;
  unread: number;
  line: string | undefined;
}

function Row({ log, isThis, unread, line }: RowProps) {
  const { id, status } = log;
  const tone = toneOf(status);
  return (
    <a
      class={`side-log status ${tone}`}
      href={logUrl(location.pathname, id)}
      data-log-id={id}
      data-state={status.state}
      aria-current={isThis ? 'page' : undefined}
    >
      <span class="badge">{tone === 'running' ? <span class="pulse" /> : <Icon name={tone} />}</span>
      <span class="name" title={visibleName(log.name)}>
        {visibleName(titleOf(log))}
      </span>
      {!isThis && unread > 0 && (
        <span class="unread" title={severalWords.unread(unread)}>
          {unread > 999 ? '999+' : count(unread)}
        </span>
      )}
      <span class={log.unread === undefined ? 'last-line' : 'last-line unread-why'} title={log.unread}>
        {log.unread ?? visibleName(line ?? '')}
      </span>
    </a>
  );
}

/** Lines since the log was looked at last; since it was first in this list, where it never was. */
function useUnread(seen: SeenLines): (log: LogSummary) => number {
  const first = useRef(new Map<string, number>());
  return ({ id, last }) => {
    if (!first.current.has(id)) first.current.set(id, last);
    return Math.max(0, last - (seen.lastOf(id) ?? first.current.get(id) ?? last));
  };
}

function liveFirst(a: LogSummary, b: LogSummary): number {
  return Number(isFinished(a.status)) - Number(isFinished(b.status));
}
