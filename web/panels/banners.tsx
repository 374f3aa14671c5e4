/*
 * What the page has to say about the log, and of its connection what can wait. Tests and user styles may rely on it:
 *
 *   .banners > .banner.held|outdated|trouble|new-log|newer-log|reset|old-run|snapshot|absent-mark
 *     button.retry, button.reload, a.open, button.close
 */
import { useState } from 'preact/hooks';
import { isFinished } from '../../agent/words/log.ts';
import { logUrl } from '../app/address.ts';
import type { ViewActions } from '../app/view-actions.ts';
import type { OtherLog, ViewState } from '../app/view-state.ts';
import { Banner, Reload, Retry } from '../chrome/banner.tsx';
import { Button } from '../chrome/button.tsx';
import { bannerWords, proxySettings, severalWords } from '../late-words.ts';
import { shortened } from '../lines/sources.ts';
import { RunLinks, useRuns } from '../several/run-links.tsx';

/** A command may be a page long. */
const longestName = 60;

interface Props {
  state: ViewState;
  actions: ViewActions;
}

export function Banners({ state, actions }: Props) {
  return (
    <>
      {state.connection.state === 'polling' && <HeldBanner retry={actions.retry} />}
      <TroubleBanner state={state} />
      <LogBanners state={state} actions={actions} />
    </>
  );
}

function HeldBanner({ retry }: { retry(): void }) {
  return (
    <Banner kind="held">
      <div>
        <p>{bannerWords.held}</p>
        <details>
          <summary>{bannerWords.heldHow}</summary>
          <dl>
            {proxySettings.map(([proxy, setting]) => (
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

function LogBanners({ state, actions }: Props) {
  const [isClosed, closeRuns] = useState(false);
  const known = useRuns(state);
  const { previous, newer, wasReset, isOutdated, snapshot } = state;
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
      {previous && (
        <Banner kind="new-log" close={() => actions.set({ previous: undefined })}>
          <p>{bannerWords.newLog(shortened(previous.name, longestName))}</p>
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
          <p>{bannerWords.newerLog(shortened(newer.name, longestName))}</p>
          <Open log={newer} words={bannerWords.openNewer} />
          {known?.previous && <RunLinks newest={undefined} previous={known.previous} />}
        </Banner>
      )}
    </>
  );
}

/** Why the line that the address marks does not show. */
export function AbsentMark({ state, actions }: Props) {
  const { absentMark: id, first, last, status, filter } = state;
  if (id === undefined) return null;
  const isHidden = id <= last && (first <= id || filter.from === first);
  const isOver = status && isFinished(status);
  return (
    <Banner kind="absent-mark" close={actions.closeMark}>
      <p>{isHidden ? bannerWords.hiddenMark(id) : bannerWords.noMark(id, first, last, isOver === true)}</p>
      {isHidden && (
        <Button class="open" onClick={() => actions.choose({})}>
          {bannerWords.showAll}
        </Button>
      )}
    </Banner>
  );
}

function Open({ log, words }: { log: OtherLog; words: string }) {
  return (
    <a class="open" href={logUrl(location.pathname, log.id)}>
      {words}
    </a>
  );
}
