import type { List } from '../../list/list.ts';
import { createTypeahead } from './typeahead.ts';

export interface KeyActions {
  goToLine(): void;
  toggleWrap(): void;
  selectAll(): void;
  openSearch(): void;
  /** Undefined where there is no other log to go to. */
  openSwitch: (() => void) | undefined;
  toggleFilters(): void;
  toggleOutline(): void;
  openHelp(): void;
  toggleTimeline(): void;
  toggleSide(): void;
  nextError(): void;
  previousError(): void;
  toggleInLog(): void;
  nextHit(): void;
  previousHit(): void;
  /** Closes whatever is open. Returns whether anything was. */
  escape(): boolean;
}

/** Takes the page's keys, except while something is typed. */
export function takeKeys(list: List, actions: KeyActions): void {
  const typeahead = createTypeahead();
  /** What opens a field that the next keys are for. */
  const opening = (open: () => void) => () => {
    typeahead.expect();
    open();
  };
  const openSearch = opening(actions.openSearch);
  const goToLine = opening(actions.goToLine);
  const page = () => Math.max(list.rowHeight, list.viewHeight - 2 * list.rowHeight);
  const keys: Record<string, () => void> = {
    End: () => list.toEnd(),
    G: () => list.toEnd(),
    Home: () => list.toStart(),
    g: () => list.toStart(),
    PageDown: () => list.scrollBy(page()),
    PageUp: () => list.scrollBy(-page()),
    ' ': () => list.scrollBy(page()),
    ArrowDown: () => list.scrollBy(list.rowHeight),
    ArrowUp: () => list.scrollBy(-list.rowHeight),
    j: () => list.scrollBy(list.rowHeight),
    k: () => list.scrollBy(-list.rowHeight),
    l: goToLine,
    ':': goToLine,
    w: actions.toggleWrap,
    p: () => (list.following ? list.stay() : list.toEnd()),
    z: () => document.documentElement.toggleAttribute('data-bare'),
    '/': openSearch,
    e: actions.nextError,
    E: actions.previousError,
    '?': actions.openHelp,
    o: actions.toggleOutline,
    t: actions.toggleTimeline,
    b: actions.toggleSide,
    f: actions.toggleFilters,
    c: actions.toggleInLog,
    n: actions.nextHit,
    N: actions.previousHit,
  };

  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.altKey) return;
    // A second time it is the browser's own search that is wanted.
    if (isChord(event, 'f') && !isSearchField(event.target)) return take(event, openSearch);
    if (isChord(event, 'k') && actions.openSwitch) return take(event, opening(actions.openSwitch));
    if (isTyping(event.target)) return typeahead.cancel();
    if (typeahead.takes(event)) return event.preventDefault();
    if (event.key === 'Escape') {
      actions.escape();
      return;
    }
    if (event.ctrlKey || event.metaKey) return takeChord(event);
    const name = event.key === ' ' && event.shiftKey ? 'PageUp' : event.key;
    const action = keys[name];
    // Space and Enter on a button press it.
    if (!action || (name === ' ' && isControl(event.target))) return;
    take(event, action);
  });

  function take(event: KeyboardEvent, action: () => void): void {
    event.preventDefault();
    action();
  }

  function takeChord(event: KeyboardEvent): void {
    if (event.key.toLowerCase() === 'a' && !event.shiftKey) actions.selectAll();
    else if (event.key === 'End') list.toEnd();
    else if (event.key === 'Home') list.toStart();
    else return;
    event.preventDefault();
  }
}

function isChord({ key, ctrlKey, metaKey, shiftKey }: KeyboardEvent, letter: string): boolean {
  return key.toLowerCase() === letter && (ctrlKey || metaKey) && !shiftKey;
}

function isSearchField(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[data-part="search"]') !== null;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, select, textarea, [contenteditable]') !== null;
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button, a, summary') !== null;
}
