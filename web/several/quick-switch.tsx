/*
 * Another log by a few letters of its name. Tests and user styles may rely on it:
 *
 *   dialog.switch
 *     input[role=combobox]
 *     a[role=option]         data-log-id; aria-selected: the one that Enter opens
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import { visibleName } from '../../agent/text/drawing/invisible.ts';
import { ago } from '../../agent/words/amounts.ts';
import type { LogSummary } from '../../agent/words/log.ts';
import { statusWords, toneOf } from '../app/status-words.ts';
import { bareField } from '../chrome/bare-field.ts';
import { Icon } from '../chrome/icons.tsx';
import { severalWords } from '../late-words.ts';
import { besideUrl, linkTo } from './frame.ts';
import { fuzzyMatch } from './fuzzy.ts';
import { titleOf } from './runs.ts';
import { useLogs } from './use-logs.ts';

interface Props {
  logId: string | undefined;
  close(): void;
}

const mostShown = 12;

export function QuickSwitch({ logId, close }: Props) {
  const { logs, now } = useLogs();
  const dialog = useRef<HTMLDialogElement>(null);
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState<string | undefined>();
  useEffect(() => dialog.current?.showModal(), []);
  const found = foundIn(logs ?? [], typed, logId);
  // Logs that begin meanwhile move the others.
  const at = Math.max(
    0,
    found.findIndex(({ log }) => log.id === chosen),
  );
  const takeKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setChosen(found[(at + step + found.length) % Math.max(1, found.length)]?.log.id);
    else if (event.key === 'Enter' && event.shiftKey && logId && found[at])
      open(besideUrl(logId, found[at].log.id), '_top');
    else if (event.key === 'Enter' && !event.isComposing)
      dialog.current?.querySelector<HTMLElement>('[aria-selected="true"]')?.click();
    else return;
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the key that closes a modal dialog is Escape, by itself
    <dialog ref={dialog} class="switch" aria-label={severalWords.switch} onClose={close} onClick={closeOutside}>
      <input
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="switch-logs"
        aria-activedescendant={found[at] && `switch-${found[at].log.id}`}
        aria-label={severalWords.switch}
        placeholder={severalWords.switch}
        {...bareField}
        onInput={({ currentTarget: { value } }) => {
          setTyped(value);
          setChosen(undefined);
        }}
        onKeyDown={takeKey}
      />
      <div id="switch-logs" role="listbox" aria-label={severalWords.title}>
        {found.map(({ log, at: letters }, index) => (
          <Choice key={log.id} log={log} letters={letters} now={now} isChosen={index === at} />
        ))}
      </div>
      {found.length > 0 && <p class="switch-keys">{severalWords.switchKeys}</p>}
      {logs && found.length === 0 && (
        <p class="panel-none">{typed === '' ? severalWords.noOthers : severalWords.none}</p>
      )}
    </dialog>
  );
}

interface ChoiceProps {
  log: LogSummary;
  letters: readonly number[];
  now: number;
  isChosen: boolean;
}

function Choice({ log, letters, now, isChosen }: ChoiceProps) {
  const { id, status, createdAt } = log;
  const tone = toneOf(status);
  return (
    <a
      id={`switch-${id}`}
      class={`status ${tone}`}
      role="option"
      tabIndex={-1}
      aria-selected={isChosen}
      data-log-id={id}
      {...linkTo(id)}
    >
      <span class="badge">{tone === 'running' ? <span class="pulse" /> : <Icon name={tone} />}</span>
      <span class="name">{marked(titleOf(log), letters)}</span>
      <span class="words">{statusWords({ ...status, kind: log.kind }, now)}</span>
      <time>{ago(now - createdAt)}</time>
    </a>
  );
}

/** The best first; among equals, and where nothing was typed, the newest. This log is none to switch to. */
function foundIn(logs: readonly LogSummary[], typed: string, logId: string | undefined) {
  return logs
    .filter(({ id }) => id !== logId)
    .flatMap((log) => {
      const match = fuzzyMatch(typed, titleOf(log));
      const byId = match ?? fuzzyMatch(typed, log.id);
      return byId ? [{ log, score: byId.score, at: match?.at ?? [] }] : [];
    })
    .sort((a, b) => b.score - a.score)
    .slice(0, mostShown);
}

function marked(name: string, letters: readonly number[]) {
  const isMarked = new Set(letters);
  return [...name].length === name.length
    ? [...name].map((letter, at) => (isMarked.has(at) ? <b key={at}>{visibleName(letter)}</b> : visibleName(letter)))
    : visibleName(name);
}

/** What is clicked beside a modal dialog is its backdrop, which is the dialog itself. */
function closeOutside(event: MouseEvent): void {
  if (event.target === event.currentTarget) (event.currentTarget as HTMLDialogElement).close();
}
