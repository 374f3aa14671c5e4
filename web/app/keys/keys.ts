import type { List } from '../../list/list.ts';
import { closestTo } from '../../text/element.ts';
import { createTypeahead } from './typeahead.ts';

export interface KeyActions {
  goToLine(): void;
  toggleWrap(): void;
  toggleTimes(): void;
  selectAll(): void;
  openSearch(): void;
  /** Undefined where there is no other log to go to. */
  openSwitch: (() => void) | undefined;
  openFilters(): void;
  toggleOutline(): void;
  openHelp(): void;
  toggleTimeline(): void;
  toggleSide(): void;
  nextError(): void;
  previousError(): void;
  toggleInLog(): void;
  clearLines(): void;
  nextHit(): void;
  previousHit(): void;
  /** Closes the panel that was opened last. Returns whether there was one. */
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
  const keys: Record<string, () => unknown> = {
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
    T: actions.toggleTimes,
    b: actions.toggleSide,
    f: opening(actions.openFilters),
    c: actions.toggleInLog,
    x: actions.clearLines,
    n: actions.nextHit,
    N: actions.previousHit,
  };

  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.altKey) return;
    // A second time it is the browser's own search that is wanted.
    if (isChord(event, 'f') && !isIn(event.target, '[data-part="search"]')) return take(event, openSearch);
    if (isChord(event, 'k') && actions.openSwitch) return take(event, opening(actions.openSwitch));
    // What a dialog does with its keys is the browser's.
    const isInDialog = isIn(event.target, 'dialog');
    if (event.key === 'Escape') typeahead.cancel();
    if (event.key === 'Escape' && !isInDialog && !event.isComposing && actions.escape()) return event.preventDefault();
    if (isIn(event.target, 'input, select, textarea, [contenteditable]')) return typeahead.cancel();
    if (isInDialog) return;
    if (typeahead.takes(event)) return event.preventDefault();
    if (event.ctrlKey || event.metaKey) return takeChord(event);
    const name = event.key === ' ' && event.shiftKey ? 'PageUp' : event.key;
    const action = keys[name];
    // Space and Enter on a button press it.
    if (!action || (name === ' ' && isIn(event.target, 'button, a, summary'))) return;
    take(event, action);
  });

  function take(event: KeyboardEvent, action: () => unknown): void {
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

function isIn(target: EventTarget | null, selector: string): boolean {
  return closestTo(target, selector) !== null;
}
