/*
 * The list of kept logs in the DOM. Tests and user styles may rely on it:
 *
 *   header.header
 *     .count                   "12 logs"
 *     input.find               shows the logs whose name, command, path or id holds the words, or the lines that do
 *     .places input            radio buttons: names, lines; button.flag[data-flag=case|regex] for lines
 *     .connection              data-state="connecting|live|lost"
 *   .logs section              (of names) one for what is being written, one a day
 *     a.log                    data-log-id, data-state="running|following|waiting|exited|stopped", data-code (exited)
 *       .name .words .facts    "npm run build", "exit 1 · 12 s", lines, size and time
 *       .unread-why            why its newest lines can't be read, where that is so
 */
import { useState } from 'preact/hooks';
import { isFinished, type LogSummary } from '../../agent/words/log.ts';
import { Button } from '../chrome/button.tsx';
import { lineSearchWords, logListWords } from '../logs-words.ts';
import type { TextPattern } from '../text/pattern.ts';
import { connectionStateWords, connectionWords } from '../words.ts';
import { FoundLines } from './found-lines.tsx';
import type { LineSearchState } from './line-search.ts';
import { Entry } from './log-entry.tsx';
import type { LogListState } from './log-list.ts';

/** More rows than this are shown when asked for: they are drawn anew every second. */
const shownAtFirst = 200;

/** What the field is about: which logs there are, or what their lines say. */
export type SearchPlace = 'names' | 'lines';

interface Props {
  state: LogListState;
  place: SearchPlace;
  search: LineSearchState;
  retry(): void;
  choosePlace(place: SearchPlace, text: string): void;
  searchLines(pattern: TextPattern): void;
}

export function LogsPage({ state, place, search, retry, choosePlace, searchLines }: Props) {
  const [words, setWords] = useState('');
  const { logs, connection, now } = state;
  const isOfLines = place === 'lines';
  const { pattern } = search;
  const label = isOfLines ? lineSearchWords.find : logListWords.find;
  return (
    <>
      <header class="header">
        <div class="title">
          <h1 class="name">{logListWords.title}</h1>
          {logs && <span class="count">{logListWords.count(logs.length)}</span>}
        </div>
        <div class="finder">
          <input
            class="find"
            type="search"
            placeholder={label}
            aria-label={label}
            aria-invalid={isOfLines && search.state === 'invalid'}
            spellcheck={false}
            value={isOfLines ? pattern.text : words}
            onInput={({ currentTarget: { value } }) => {
              setWords(value);
              if (isOfLines) searchLines({ ...pattern, text: value });
            }}
          />
          {isOfLines && <Flags pattern={pattern} change={searchLines} />}
          <Places place={place} choose={(next) => choosePlace(next, isOfLines ? pattern.text : words)} />
        </div>
        <Connection connection={connection} retry={retry} />
      </header>
      <main class="logs">
        {isOfLines ? (
          <FoundLines search={search} logs={logs?.length ?? 0} now={now} retry={() => searchLines(pattern)} />
        ) : (
          <NamedLogs logs={logs} words={words} now={now} />
        )}
      </main>
    </>
  );
}

function Flags({ pattern, change }: { pattern: TextPattern; change(pattern: TextPattern): void }) {
  return (
    <>
      {(['case', 'regex'] as const).map((flag) => (
        <Button
          key={flag}
          class="flag"
          data-flag={flag}
          aria-pressed={pattern[flag]}
          aria-label={lineSearchWords[flag]}
          title={lineSearchWords[flag]}
          onClick={() => change({ ...pattern, [flag]: !pattern[flag] })}
        >
          {flag === 'case' ? 'Aa' : '.*'}
        </Button>
      ))}
    </>
  );
}

function Places({ place, choose }: { place: SearchPlace; choose(place: SearchPlace): void }) {
  return (
    <fieldset class="choices places" aria-label={lineSearchWords.in}>
      {(['names', 'lines'] as const).map((one) => (
        <label key={one}>
          <input type="radio" name="place" value={one} checked={place === one} onChange={() => choose(one)} />
          <span>{lineSearchWords.places[one]}</span>
        </label>
      ))}
    </fieldset>
  );
}

interface NamedLogsProps {
  logs: readonly LogSummary[] | undefined;
  words: string;
  now: number;
}

function NamedLogs({ logs, words, now }: NamedLogsProps) {
  const [most, setMost] = useState(shownAtFirst);
  const found = (logs ?? []).filter((log) => holds(log, words));
  return (
    <>
      {sectionsOf(found.slice(0, most), now).map(({ title, members }) => (
        <section key={title}>
          <h2>{title}</h2>
          <ul>
            {members.map((log) => (
              <li key={log.id}>
                <Entry log={log} now={now} />
              </li>
            ))}
          </ul>
        </section>
      ))}
      {found.length > most && (
        <Button class="more" onClick={() => setMost(most + shownAtFirst)}>
          {logListWords.more(Math.min(shownAtFirst, found.length - most), found.length - most)}
        </Button>
      )}
      {logs && found.length === 0 && <Nothing isSearch={logs.length > 0} words={words} />}
    </>
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
        <Button class="retry" onClick={retry}>
          {connectionWords.retry}
        </Button>
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
