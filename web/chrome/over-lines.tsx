/*
 * What lies over the lines. Tests and user styles may rely on it:
 *
 *   .empty            words where no line shows; button.show-all where lines are left out
 *   button.sticky-group
 *   button.to-end     data-new-lines="12"; there while the end is not followed
 */

import { visibleName } from '../../agent/text/drawing/invisible.ts';
import { isFinished } from '../../agent/words/log.ts';
import type { ViewActions } from '../app/view-actions.ts';
import type { ViewState } from '../app/view-state.ts';
import { isOn } from '../lines/filter.ts';
import {
  goToLine as GoToLine,
  help as Help,
  outlinePanel as OutlinePanel,
  searchBar as SearchBar,
  several as Several,
  toast as Toast,
} from '../panels/panels.ts';
import { overLinesWords } from '../words.ts';
import { Button } from './button.tsx';
import { Icon } from './icons.tsx';

interface Props {
  state: ViewState;
  actions: ViewActions;
}

export function OverLines({ state, actions }: Props) {
  return (
    <>
      <StickyGroup state={state} actions={actions} />
      {state.outlineIsOpen && <OutlinePanel state={state} actions={actions} />}
      <Empty state={state} actions={actions} />
      <ToEnd state={state} actions={actions} />
      {state.search && <SearchBar search={state.search} isFiltered={isOn(state.filter)} actions={actions} />}
      {state.helpIsOpen && <Help close={() => actions.set({ helpIsOpen: false })} />}
      {state.goToLineIsOpen && <GoToLine state={state} actions={actions} />}
      {!state.snapshot && <Several state={state} actions={actions} />}
      <Toast
        copy={state.copy}
        filter={state.filter}
        copyAs={actions.copyAs}
        close={() => actions.set({ copy: undefined })}
      />
    </>
  );
}

function Empty({ state, actions }: Props) {
  if (state.name === undefined || !state.isEmpty) return null;
  const hasNone = state.last < state.first;
  if (hasNone && !isOn(state.filter)) {
    const isOver = state.status && isFinished(state.status);
    return <p class="empty">{isOver ? overLinesWords.noLines : overLinesWords.waiting}</p>;
  }
  return (
    <p class="empty">
      {hasNone && state.filter.from !== undefined ? overLinesWords.cleared : overLinesWords.noMatch}{' '}
      <Button class="show-all" onClick={() => actions.choose({})}>
        {overLinesWords.showAll}
      </Button>
    </p>
  );
}

/** The title of the group that is scrolled through, as long as its own line is above the view. */
function StickyGroup({ state: { stickyGroup }, actions }: Props) {
  if (!stickyGroup) return null;
  return (
    <Button class="sticky-group" onClick={() => actions.goToLine(stickyGroup.from)}>
      {visibleName(stickyGroup.title)}
    </Button>
  );
}

function ToEnd({ state, actions }: Props) {
  if (state.following || state.last < state.first) return null;
  const isLive = state.status !== undefined && !isFinished(state.status);
  if (state.endShows && !isLive) return null;
  const words = isLive ? overLinesWords.follow : overLinesWords.toEnd;
  return (
    <Button class="to-end" data-new-lines={state.newLines} onClick={actions.toEnd}>
      <Icon name="down" />
      {state.newLines > 0 ? overLinesWords.newLines(state.newLines) : words}
    </Button>
  );
}
