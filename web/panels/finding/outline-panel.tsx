/*
 * What the log consists of. Tests and user styles may rely on it:
 *
 *   [data-part="outline"]
 *     li[data-from]            one for each group; data-state, data-level, data-depth
 *       button.twisty          aria-expanded
 *       button.entry           goes there; .bar in it shows the group's share of the time
 */
import { useState } from 'preact/hooks';
import { visibleName } from '../../../agent/text/drawing/invisible.ts';
import type { OutlineGroup } from '../../../agent/words/finding.ts';
import type { ViewActions } from '../../app/view-actions.ts';
import type { ViewState } from '../../app/view-state.ts';
import { Button, CloseButton } from '../../chrome/button.tsx';
import { isWhole } from '../../finding/outline.ts';
import { outlineWords } from '../../late-words.ts';
import { duration } from '../../text/times.ts';
import { stateWords, toolWords } from '../../words.ts';

interface Props {
  state: Pick<ViewState, 'outline' | 'openGroups' | 'first' | 'last'>;
  actions: ViewActions;
}

const shownAtFirst = 500;

export function OutlinePanel({ state: { outline, openGroups, first, last }, actions }: Props) {
  const [most, setMost] = useState(shownAtFirst);
  const groups = outline?.groups ?? [];
  const longest = Math.max(1, ...groups.filter(({ depth }) => depth === 0).map(({ ms }) => ms ?? 0));
  return (
    <aside class="outline" data-part="outline" aria-label={toolWords.outline}>
      <header class="panel-header">
        <h2>{toolWords.outline}</h2>
        {groups.length > 0 && (
          <>
            <Button class="plain-button" onClick={() => actions.foldAll(true)}>
              {outlineWords.expandAll}
            </Button>
            <Button class="plain-button" onClick={() => actions.foldAll(false)}>
              {outlineWords.collapseAll}
            </Button>
          </>
        )}
        <CloseButton label={outlineWords.close} close={actions.toggleOutline} />
      </header>
      {!isWhole(outline, first, last) ? (
        <p class="panel-none">{outlineWords.reading}</p>
      ) : (
        groups.length === 0 && <p class="panel-none">{outlineWords.none}</p>
      )}
      <ul>
        {groups.slice(0, most).map((group) => (
          <Entry
            key={group.from}
            group={group}
            isOpen={openGroups.has(group.from)}
            share={(group.ms ?? 0) / longest}
            actions={actions}
          />
        ))}
      </ul>
      {groups.length > most && (
        <Button class="plain-button more-groups" onClick={() => setMost(most + shownAtFirst)}>
          {outlineWords.more(groups.length - most)}
        </Button>
      )}
    </aside>
  );
}

interface EntryProps {
  group: OutlineGroup;
  isOpen: boolean;
  share: number;
  actions: ViewActions;
}

function Entry({ group, isOpen, share, actions }: EntryProps) {
  const { title, from, ms, state, level, depth, code } = group;
  const tone = state === 'failed' ? 'error' : (level ?? state);
  return (
    <li data-from={from} data-state={state} data-level={level ?? undefined} data-depth={depth}>
      <span class="outline-row" style={{ '--depth': String(Math.min(depth, 8)) }}>
        <Button
          class="twisty"
          aria-expanded={isOpen}
          aria-label={visibleName(title)}
          onClick={() => actions.toggleGroup(from)}
        />
        <Button class="entry" onClick={() => actions.goToLine(from)}>
          <span class={`dot ${tone}`} title={code ? stateWords.exitCode(code) : outlineWords.states[state]} />
          <span class="entry-title">{visibleName(title)}</span>
          {ms !== null && ms >= 100 && <span class="entry-time">{duration(ms)}</span>}
          <span class="bar" style={{ width: `${Math.round(Math.min(1, share) * 100)}%` }} />
        </Button>
      </span>
    </li>
  );
}
