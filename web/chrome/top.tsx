import type { ViewActions } from '../app/view-actions.ts';
import type { ViewState } from '../app/view-state.ts';
import {
  absentMark as AbsentMark,
  banners as Banners,
  filterBar as FilterBar,
  timeline as Timeline,
} from '../panels/panels.ts';
import { printWords } from '../words.ts';
import { ConnectionBanner } from './connection-banner.tsx';
import { Header } from './header.tsx';

/** What stands above the lines. */
export function Top({ state, actions }: { state: ViewState; actions: ViewActions }) {
  return (
    <>
      <Header state={state} actions={actions} />
      <p class="print-note">{printWords.note(state.last - state.first + 1, new URL('raw', document.baseURI).href)}</p>
      {(state.filtersAreOpen || state.filterBefore) && <FilterBar state={state} actions={actions} />}
      {state.timelineIsOpen && (
        <Timeline filter={state.filter} first={state.first} last={state.last} actions={actions} />
      )}
      <div class="banners">
        <ConnectionBanner state={state} actions={actions} />
        <Banners state={state} actions={actions} />
        <AbsentMark state={state} actions={actions} />
      </div>
    </>
  );
}
