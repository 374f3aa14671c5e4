import { visibleName } from '../../agent/text/drawing/invisible.ts';
import { ago, sizeText } from '../../agent/words/amounts.ts';
import type { LogSummary } from '../../agent/words/log.ts';
import { statusWords, toneOf } from '../app/status-words.ts';
import { Icon } from '../chrome/icons.tsx';
import { logListWords } from '../logs-words.ts';
import { fullTime } from '../text/times.ts';
import { counted } from '../words.ts';

interface Props {
  log: LogSummary;
  now: number;
  /** What its page is asked for: `?find=text`. */
  query?: string;
  /** In place of lines, size and time. */
  facts?: string;
  /** Why not all of its lines could be read. */
  unread?: string | undefined;
}

/** A log, as a link to its page. */
export function Entry({ log, now, query = '', facts, unread = log.unread }: Props) {
  const { id, status, createdAt, updatedAt, first, last, size } = log;
  const tone = toneOf(status);
  const lines = last - first + 1;
  const [name, from] = [visibleName(log.title ?? log.name), visibleName(originOf(log))];
  const code = status.state === 'exited' ? (status.code ?? status.signal ?? '') : undefined;
  return (
    <a
      class={`log status ${tone}`}
      href={`logs/${encodeURIComponent(id)}/${query}`}
      data-log-id={id}
      data-state={status.state}
      data-code={code}
    >
      <span class="badge">{tone === 'running' ? <span class="pulse" /> : <Icon name={tone} />}</span>
      <span class="what">
        <span class="name">{name}</span>
        {from !== name && <span class="from">{from}</span>}
        {unread !== undefined && <span class="unread-why">{unread}</span>}
      </span>
      <span class="words">{statusWords({ ...status, kind: log.kind }, now)}</span>
      {facts !== undefined ? (
        <span class="facts">
          <span class="hits">{facts}</span>
        </span>
      ) : (
        <span class="facts">
          <span class="lines">{counted(lines, 'line')}</span>
          <span class="size">{sizeText(size)}</span>
          <time
            dateTime={new Date(createdAt).toISOString()}
            title={logListWords.times(fullTime(createdAt), fullTime(updatedAt))}
          >
            {ago(now - createdAt)}
          </time>
        </span>
      )}
    </a>
  );
}

/** Where it came from, as far as its name doesn't say it. */
function originOf({ kind, paths, cwd, title, name }: LogSummary): string {
  if (kind === 'file') return (paths ?? []).join(', ');
  const place = cwd === '' ? '' : logListWords.workingDirectory(cwd);
  return title === undefined ? place : `${name} ${place}`;
}
