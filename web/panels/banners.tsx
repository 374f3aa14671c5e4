/*
 * What the page has to say about the log and its connection. Tests and user styles may rely on it:
 *
 *   .banners > .banner.lost|refused|stranger|held|outdated|slow|trouble|new-log
 *            |newer-log|reset|hidden-mark|old-run|snapshot
 *     button.retry, button.reload, a.open, button.close
 */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { logUrl } from '../app/address.ts';
import type { OtherLog, ViewState } from '../app/view-state.ts';
import type { ViewActions } from '../app/viewer.ts';
import { Icon } from '../chrome/icons.tsx';
import { bannerWords, severalWords } from '../late-words.ts';
import { RunLinks, useRuns } from '../several/run-links.tsx';

interface Props {
  state: ViewState;
  actions: ViewActions;
}

export function Banners({ state, actions }: Props) {
  return (
    <div class="banners">
      <ConnectionBanner state={state} actions={actions} />
      <TroubleBanner state={state} />
      <LogBanners state={state} actions={actions} />
    </div>
  );
}

function ConnectionBanner({ state, actions }: Props) {
  const { connection, name } = state;
  if (connection.state === 'stranger' || state.readingsMeetStranger) {
    return (
      <Banner kind="stranger">
        <p>{bannerWords.stranger}</p>
        <Reload />
      </Banner>
    );
  }
  if (connection.state === 'polling') return <HeldBanner retry={actions.retry} />;
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
        <p>{connection.state === 'reconnecting' ? lostWords(connection.gateway, name) : lostWords(undefined, name)}</p>
        <Retry retry={actions.retry} />
      </Banner>
    );
  }
  if (connection.state === 'connecting') {
    // Appears late (by style sheet), when an answer is overdue.
    return (
      <Banner kind="slow">
        <p>{bannerWords.slow}</p>
      </Banner>
    );
  }
  return null;
}

function lostWords(gateway: number | undefined, name: string | undefined): string {
  if (gateway !== undefined) return bannerWords.gateway(gateway);
  return name === undefined ? bannerWords.unreachable : bannerWords.unreachableKept;
}

function HeldBanner({ retry }: { retry(): void }) {
  return (
    <Banner kind="held">
      <div>
        <p>{bannerWords.held}</p>
        <details>
          <summary>{bannerWords.heldHow}</summary>
          <dl>
            {bannerWords.heldSettings.map(([proxy, setting]) => (
              <div key={proxy}>
                <dt>{proxy}</dt>
                <dd>
                  <code>{setting}</code>
                </dd>
              </div>
            ))}
          </dl>
        </details>
      </div>
      <Retry retry={retry} />
    </Banner>
  );
}

function Reload() {
  return (
    <button type="button" class="reload" onClick={() => location.reload()}>
      {bannerWords.reload}
    </button>
  );
}

/** What the agent said last may be over by now, unless it is still there to say so. */
function TroubleBanner({ state: { connection, status } }: { state: ViewState }) {
  const isThere = connection.state === 'live' || connection.state === 'polling';
  const trouble = status?.trouble ?? status?.store;
  if (!isThere || trouble === undefined) return null;
  return (
    <Banner kind="trouble">
      <p>{trouble}</p>
    </Banner>
  );
}

function refusalWords(status: number): string {
  if (status === 401 || status === 403) return bannerWords.noAccess;
  return status === 404 ? bannerWords.logGone : bannerWords.refused(status);
}

function Retry({ retry }: { retry(): void }) {
  return (
    <button type="button" class="retry" onClick={retry}>
      {bannerWords.retry}
    </button>
  );
}

function LogBanners({ state, actions }: Props) {
  const [isClosed, closeRuns] = useState(false);
  const known = useRuns(state);
  const { previous, newer, wasReset, hiddenMark, isOutdated, snapshot } = state;
  return (
    <>
      {snapshot?.notes.map((note) => (
        <Banner
          key={note}
          kind="snapshot"
          close={() =>
            actions.set({ snapshot: { ...snapshot, notes: snapshot.notes.filter((other) => other !== note) } })
          }
        >
          <p>{note}</p>
        </Banner>
      ))}
      {isOutdated && (
        <Banner kind="outdated" close={() => actions.set({ isOutdated: false })}>
          <p>{bannerWords.outdated}</p>
          <Reload />
        </Banner>
      )}
      {hiddenMark !== undefined && (
        <Banner kind="hidden-mark">
          <p>{bannerWords.hiddenMark(hiddenMark)}</p>
          <button type="button" class="open" onClick={() => actions.choose({})}>
            {bannerWords.showAll}
          </button>
        </Banner>
      )}
      {previous && (
        <Banner kind="new-log" close={() => actions.set({ previous: undefined })}>
          <p>{bannerWords.newLog(previous.name)}</p>
          <Open log={previous} words={bannerWords.openPrevious} />
        </Banner>
      )}
      {wasReset && (
        <Banner kind="reset" close={() => actions.set({ wasReset: false })}>
          <p>{bannerWords.reset}</p>
        </Banner>
      )}
      {known?.newest && !newer && !isClosed && (
        <Banner kind="old-run" close={() => closeRuns(true)}>
          <p>{severalWords.old}</p>
          <RunLinks {...known} />
        </Banner>
      )}
      {newer && (
        <Banner kind="newer-log" close={() => actions.set({ newer: undefined })}>
          <p>{bannerWords.newerLog(newer.name)}</p>
          <Open log={newer} words={bannerWords.openNewer} />
          {known?.previous && <RunLinks newest={undefined} previous={known.previous} />}
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
        <button type="button" class="close" aria-label={bannerWords.close} onClick={close}>
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}
