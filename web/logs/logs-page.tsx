/*
 * The list of kept logs in the DOM. Tests and user styles may rely on it:
 *
 *   header.header
 *     .count                   "12 logs"
 *     input.find               shows the logs whose name, command, path or id holds the words
 *     .connection              data-state="connecting|live|lost"
 *   .logs section              one for what is being written, one a day
 *     a.log                    data-log-id, data-state="running|following|waiting|exited|stopped", data-code (exited)
 *       .name .words .facts    "npm run build", "exit 1 · 12 s", lines, size and time
 */
import { useState } from 'preact/hooks';
import { ago, sizeText } from '../../agent/words/amounts.ts';
import { isFinished, type LogSummary } from '../../agent/words/log.ts';
import { statusWords, toneOf } from '../app/status-words.ts';
import { Icon } from '../chrome/icons.tsx';
import { bannerWords, logListWords } from '../late-words.ts';
import { visibleName } from '../text/invisible.ts';
import { fullTime } from '../text/times.ts';
import { connectionStateWords, counted } from '../words.ts';
import type { LogListState } from './log-list.ts';

/** More rows than this are shown when asked for: they are drawn anew every second. */
const shownAtFirst = 200;

export function LogsPage({ state, retry }: { state: LogListState; retry(): void }) {
  const [words, setWords] = useState('');
  const [most, setMost] = useState(shownAtFirst);
  const { logs, connection, now } = state;
  const found = (logs ?? []).filter((log) => holds(log, words));
  const shown = found.slice(0, most);
  return (
    <>
      <header class="header">
        <div class="title">
          <h1 class="name">{logListWords.title}</h1>
          {logs && <span class="count">{logListWords.count(logs.length)}</span>}
        </div>
        <input
          class="find"
          type="search"
          placeholder={logListWords.find}
          aria-label={logListWords.find}
          spellcheck={false}
          value={words}
          onInput={(event) => setWords(event.currentTarget.value)}
        />
        <Connection connection={connection} retry={retry} />
      </header>
      <main class="logs">
        {sectionsOf(shown, now).map(({ title, members }) => (
          <section key={title}>
            <h2>{title}</h2>
            <ul>
              {members.map((log) => (
                <Entry key={log.id} log={log} now={now} />
              ))}
            </ul>
          </section>
        ))}
        {found.length > most && (
          <button type="button" class="more" onClick={() => setMost(most + shownAtFirst)}>
            {logListWords.more(Math.min(shownAtFirst, found.length - most), found.length - most)}
          </button>
        )}
        {logs && found.length === 0 && <Nothing isSearch={logs.length > 0} words={words} />}
      </main>
    </>
  );
}

function Entry({ log, now }: { log: LogSummary; now: number }) {
  const { id, status, createdAt, updatedAt, first, last, size } = log;
  const tone = toneOf(status);
  const lines = last - first + 1;
  const code = status.state === 'exited' ? (status.code ?? status.signal ?? '') : undefined;
  return (
    <li>
      <a
        class={`log status ${tone}`}
        href={`logs/${encodeURIComponent(id)}/`}
        data-log-id={id}
        data-state={status.state}
        data-code={code}
      >
        <span class="badge">{tone === 'running' ? <span class="pulse" /> : <Icon name={tone} />}</span>
        <span class="what">
          <span class="name">{visibleName(log.title ?? log.name)}</span>
          <span class="from">{visibleName(originOf(log))}</span>
        </span>
        <span class="words">{statusWords(status, now)}</span>
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
      </a>
    </li>
  );
}

function Connection({ connection, retry }: { connection: LogListState['connection']; retry(): void }) {
  const { connecting, live, unreachable } = connectionStateWords;
  const words = { connecting, live, lost: unreachable }[connection];
  return (
    <div class="connection" data-state={connection} role="status" aria-live="polite">
      <span class="lamp" />
      <span class="words">{words}</span>
      {connection === 'lost' && (
        <button type="button" class="retry" onClick={retry}>
          {bannerWords.retry}
        </button>
      )}
    </div>
  );
}

function Nothing({ isSearch, words }: { isSearch: boolean; words: string }) {
  if (isSearch) return <p class="nothing">{logListWords.noMatch(words.trim())}</p>;
  return (
    <div class="nothing">
      <p>{logListWords.none}</p>
      <pre>{logListWords.examples}</pre>
    </div>
  );
}

/** What is being written stands first, then a section for each day on which logs were begun. */
export function sectionsOf(logs: readonly LogSummary[], now: number): { title: string; members: LogSummary[] }[] {
  const sections = new Map<string, LogSummary[]>();
  const live = logs.filter(({ status }) => !isFinished(status));
  if (live.length > 0) sections.set(logListWords.live, live);
  for (const log of logs) {
    if (!isFinished(log.status)) continue;
    const title = dayOf(log.createdAt, now);
    const members = sections.get(title);
    if (members) members.push(log);
    else sections.set(title, [log]);
  }
  return [...sections].map(([title, members]) => ({ title, members }));
}

function dayOf(time: number, now: number): string {
  const day = new Date(time).toDateString();
  if (day === new Date(now).toDateString()) return logListWords.today;
  const yesterday = new Date(now);
  yesterday.setDate(yesterday.getDate() - 1);
  if (day === yesterday.toDateString()) return logListWords.yesterday;
  return new Date(time).toLocaleDateString('en', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
}

/** Whether every word stands in what is known of a log. */
function holds(log: LogSummary, words: string): boolean {
  const text = [log.id, log.name, log.title, log.cwd, ...(log.paths ?? [])].join('\n').toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Where it came from, as far as its name doesn't say it. */
function originOf({ kind, paths, cwd, title, name }: LogSummary): string {
  if (kind === 'file') return (paths ?? []).join(', ');
  const place = cwd === '' ? '' : logListWords.workingDirectory(cwd);
  return title === undefined ? place : `${name} ${place}`;
}
