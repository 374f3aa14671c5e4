/*
 * The search bar. Tests and user styles may rely on it:
 *
 *   [data-part="search"]                data-state="idle|searching|done|full|invalid|failed"
 *     [role="searchbox"]
 *     button[aria-pressed]              data-flag="case|word|regex"
 *     [data-part="search-count"]        "3 of 1,204"
 *     .search-news                      what is wrong, or how far it has come
 *     button.previous, button.next, button.only-matching, button.close
 */
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { ViewActions } from '../../app/view-actions.ts';
import type { SearchView } from '../../app/view-state.ts';
import { bareField } from '../../chrome/bare-field.ts';
import { Button, IconButton } from '../../chrome/button.tsx';
import { Icon } from '../../chrome/icons.tsx';
import { searchWords } from '../../late-words.ts';
import type { TextPattern } from '../../text/pattern.ts';

type Flag = 'case' | 'word' | 'regex';

const flags: readonly (readonly [Flag, string])[] = [
  ['case', 'Aa'],
  ['word', 'ab'],
  ['regex', '.*'],
];

interface Props {
  search: SearchView;
  /** Not all lines show, and only those that do are searched. */
  isFiltered: boolean;
  actions: ViewActions;
}

export function SearchBar({ search, isFiltered, actions }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const { pattern, state } = search;
  // Before the next key can come: it belongs to the text.
  useLayoutEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, [search.opened]);
  const change = (part: Partial<TextPattern>) => actions.search({ ...pattern, ...part });
  return (
    <search class="search-bar" data-part="search" data-state={state.state}>
      <div class="search-field">
        <Icon name="search" />
        {/* biome-ignore lint/a11y/useSemanticElements: type=search has a clear button and an Escape key of its own */}
        <input
          ref={input}
          type="text"
          role="searchbox"
          aria-label={searchWords.label}
          aria-invalid={state.state === 'invalid'}
          placeholder={searchWords.placeholder}
          {...bareField}
          value={pattern.text}
          onInput={(event) => change({ text: event.currentTarget.value })}
          onKeyDown={(event) => takeKey(event, actions)}
        />
        {flags.map(([flag, sign]) => (
          <Button
            key={flag}
            class="flag"
            data-flag={flag}
            data-sign={sign}
            aria-pressed={pattern[flag]}
            aria-label={searchWords[flag]}
            title={searchWords[flag]}
            onClick={() => change({ [flag]: !pattern[flag] })}
          />
        ))}
      </div>
      <output class="search-count" data-part="search-count" aria-live="polite">
        {countWords(search)}
      </output>
      <div class="search-buttons">
        <IconButton
          name="previous"
          icon="up"
          label={searchWords.previous}
          disabled={search.count === 0}
          onClick={actions.previousHit}
        />
        <IconButton
          name="next"
          icon="down"
          label={searchWords.next}
          disabled={search.count === 0}
          onClick={actions.nextHit}
        />
        <IconButton
          name="only-matching"
          icon="filter"
          label={searchWords.onlyMatching}
          disabled={pattern.text === '' || state.state === 'invalid'}
          onClick={actions.filterBySearch}
        />
        <IconButton name="close-search" icon="close" label={searchWords.close} onClick={actions.closeSearch} />
      </div>
      <p class="search-news" role={state.state === 'invalid' ? 'alert' : undefined}>
        {newsWords(search, isFiltered)}
      </p>
    </search>
  );
}

function takeKey(event: KeyboardEvent, actions: ViewActions): void {
  if (event.isComposing) return;
  if (event.key === 'Enter') {
    event.preventDefault();
    if (event.shiftKey) actions.previousHit();
    else actions.nextHit();
  } else if (event.key === 'Escape') {
    event.preventDefault();
    actions.closeSearch();
  }
}

function countWords({ number, count, state, pattern }: SearchView): string {
  if (pattern.text === '' || state.state === 'invalid' || state.state === 'failed') return '';
  if (count > 0 && number === 0) return searchWords.found(count);
  if (count > 0) return searchWords.number(number, count, state.state === 'full');
  return state.state === 'searching' ? searchWords.searching : searchWords.none;
}

function newsWords({ state, count, pattern }: SearchView, isFiltered: boolean): string {
  if (state.state === 'invalid') return state.why;
  if (state.state === 'failed') return searchWords.failed;
  if (state.state === 'searching' && state.share !== undefined) return searchWords.searched(state.share);
  const isMissed = state.state === 'done' && count === 0 && pattern.text !== '';
  if (isMissed && isFiltered) return searchWords.filtered;
  // What is shown of such lines is not what they are.
  return isMissed && document.querySelector('[data-fields],.stamp[hidden]') ? searchWords.asPrinted : '';
}
