/*
 * What lies over the lines. Tests and user styles may rely on it:
 *
 *   .banners > .banner.lost|refused|slow|trouble|new-log|newer-log|reset|hidden-mark   with button.retry, a.open, button.close
 *   .empty                                              words where no line shows; button.show-all where lines are left out
 *   button.to-end           data-new-lines="12"; there while the end is not followed
 *   form.go-to-line input   the "go to line" box
 *   .toast                  what copying has to tell
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isFinished } from '../../agent/words/log.ts';
import { isSelective, type Selection } from '../../agent/words/selection.ts';
import { logUrl, searchWith } from '../app/address.ts';
import type { OtherLog, ViewState } from '../app/view-state.ts';
import type { ViewActions } from '../app/viewer.ts';
import type { CopyNews } from '../list/copying.ts';
import { Icon } from './icons.tsx';

interface Props {
  state: ViewState;
  actions: ViewActions;
}

export function Overlays({ state, actions }: Props) {
  return (
    <>
      <div class="banners">
        <ConnectionBanner state={state} actions={actions} />
        <TroubleBanner state={state} />
        <LogBanners state={state} actions={actions} />
      </div>
      <Empty state={state} actions={actions} />
      <ToEnd state={state} actions={actions} />
      {state.goToLineIsOpen && <GoToLine state={state} actions={actions} />}
      <Toast copy={state.copy} selection={state.selection} close={() => actions.set({ copy: undefined })} />
    </>
  );
}

function ConnectionBanner({ state, actions }: Props) {
  const { connection, name } = state;
  if (connection.state === 'refused') {
    return (
      <Banner kind="refused">
        <p>{refusalWords(connection.status)}</p>
        <Retry retry={actions.retry} />
      </Banner>
    );
  }
  if (connection.state === 'reconnecting' || (connection.state === 'connecting' && connection.attempt > 0)) {
    return (
      <Banner kind="lost">
        <p>
          {name === undefined
            ? 'The agent can’t be reached.'
            : 'The agent can’t be reached. What came so far stays here.'}
        </p>
        <Retry retry={actions.retry} />
      </Banner>
    );
  }
  if (connection.state === 'connecting') {
    // Appears late (by style sheet), when an answer is overdue.
    return (
      <Banner kind="slow">
        <p>
          Still waiting for an answer. Are many tabs of this agent open? Browsers allow six connections to one server.
        </p>
      </Banner>
    );
  }
  return null;
}

/** What the agent said last may be over by now, unless it is still there to say so. */
function TroubleBanner({ state: { connection, status } }: { state: ViewState }) {
  if (connection.state !== 'live' || status?.trouble === undefined) return null;
  return (
    <Banner kind="trouble">
      <p>{status.trouble}</p>
    </Banner>
  );
}

function refusalWords(status: number): string {
  if (status === 401 || status === 403)
    return 'This page has no access. Open the address that sse-tail printed, token included.';
  if (status === 404) return 'The agent doesn’t have this log any more.';
  return `The agent refuses to give this log (HTTP ${status}).`;
}

function Retry({ retry }: { retry(): void }) {
  return (
    <button type="button" class="retry" onClick={retry}>
      Retry now
    </button>
  );
}

function LogBanners({ state, actions }: Props) {
  const { previous, newer, wasReset, hiddenMark } = state;
  return (
    <>
      {hiddenMark !== undefined && (
        <Banner kind="hidden-mark">
          <p>Line {hiddenMark.toLocaleString('en')} is not among what is shown.</p>
          <button type="button" class="open" onClick={() => actions.choose({})}>
            Show all
          </button>
        </Banner>
      )}
      {previous && (
        <Banner kind="new-log" close={() => actions.set({ previous: undefined })}>
          <p>A new log has begun. The one before, {previous.name}, is kept.</p>
          <Open log={previous} words="Open it" />
        </Banner>
      )}
      {wasReset && (
        <Banner kind="reset" close={() => actions.set({ wasReset: false })}>
          <p>The agent has less of this log than this page had. What it has now is shown.</p>
        </Banner>
      )}
      {newer && (
        <Banner kind="newer-log" close={() => actions.set({ newer: undefined })}>
          <p>{newer.name ? `A newer run is live: ${newer.name}.` : 'This is an older log. A newer run is live.'}</p>
          <Open log={newer} words="Open the newer" />
        </Banner>
      )}
    </>
  );
}

function Open({ log, words }: { log: OtherLog; words: string }) {
  return (
    <a class="open" href={logUrl(location.pathname, log.id)}>
      {words}
    </a>
  );
}

function Banner({ kind, close, children }: { kind: string; close?: () => void; children: ComponentChildren }) {
  return (
    <div class={`banner ${kind}`} role="status">
      {children}
      {close && (
        <button type="button" class="close" aria-label="Close" onClick={close}>
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}

function Empty({ state, actions }: Props) {
  if (state.name === undefined || !state.isEmpty) return null;
  if (state.last < state.first && !isSelective(state.selection)) {
    const words = state.status && isFinished(state.status) ? 'This log has no lines.' : 'Waiting for the first line …';
    return <p class="empty">{words}</p>;
  }
  return (
    <p class="empty">
      No line of what is to be shown{' '}
      <button type="button" class="show-all" onClick={() => actions.choose({})}>
        Show all
      </button>
    </p>
  );
}

function ToEnd({ state, actions }: Props) {
  if (state.following || state.last < state.first) return null;
  const isLive = state.status !== undefined && !isFinished(state.status);
  const count = state.newLines;
  const words =
    count > 0
      ? `${count.toLocaleString('en')} new ${count === 1 ? 'line' : 'lines'}`
      : isLive
        ? 'Follow'
        : 'To the end';
  return (
    <button type="button" class="to-end" data-new-lines={count} onClick={actions.toEnd}>
      <Icon name="down" />
      {words}
    </button>
  );
}

function GoToLine({ state, actions }: Props) {
  const input = useRef<HTMLInputElement>(null);
  // Before the next key can come: it belongs to the number.
  useLayoutEffect(() => input.current?.focus(), []);
  const close = () => {
    actions.set({ goToLineIsOpen: false });
    document.getElementById('lines')?.focus();
  };
  return (
    <form
      class="go-to-line"
      onSubmit={(event) => {
        event.preventDefault();
        const id = Number(input.current?.value.replace(/[^\d]/g, ''));
        if (id > 0) actions.goTo(Math.max(state.first, Math.min(id, state.last)));
        close();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
      onFocusOut={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) actions.set({ goToLineIsOpen: false });
      }}
    >
      <label>
        Go to line
        <input
          ref={input}
          inputMode="numeric"
          autocomplete="off"
          placeholder={`${state.first.toLocaleString('en')} – ${state.last.toLocaleString('en')}`}
        />
      </label>
    </form>
  );
}

const toastMs = 4000;

interface ToastProps {
  copy: CopyNews | undefined;
  selection: Selection;
  close(): void;
}

function Toast({ copy, selection, close }: ToastProps) {
  const [latestClose] = useState(() => ({ close }));
  latestClose.close = close;
  useEffect(() => {
    if (!copy || copy.kind === 'reading') return;
    const timer = setTimeout(() => latestClose.close(), toastMs);
    return () => clearTimeout(timer);
  }, [copy, latestClose]);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {copy && (
        <p class="toast">
          {copyWords(copy)}{' '}
          {copy.kind === 'tooMany' && <a href={`raw${searchWith('?strip=1&download=1', selection)}`}>Download them</a>}
        </p>
      )}
    </div>
  );
}

function copyWords(copy: CopyNews): string {
  if (copy.kind === 'failed') return 'Not copied: the lines couldn’t be read.';
  const lines = `${copy.lines.toLocaleString('en')} lines`;
  switch (copy.kind) {
    case 'reading':
      return `Reading ${lines} …`;
    case 'copied':
      return `${lines} copied`;
    case 'ready':
      return `${lines} are ready: press Ctrl+C once more`;
    case 'tooMany':
      return `${lines} are too many to copy.`;
  }
}
