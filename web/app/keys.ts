import type { List } from '../list/list.ts';

export interface KeyActions {
  goToLine(): void;
  toggleWrap(): void;
  selectAll(): void;
  openSearch(): void;
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
    l: actions.goToLine,
    ':': actions.goToLine,
    w: actions.toggleWrap,
    p: () => (list.following ? list.stay() : list.toEnd()),
    z: () => document.documentElement.toggleAttribute('data-bare'),
    '/': actions.openSearch,
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
    if (isFindChord(event) && !isSearchField(event.target)) return takeFindChord(event);
    if (isTyping(event.target)) return;
    if (event.key === 'Escape') {
      actions.escape();
      return;
    }
    if (event.ctrlKey || event.metaKey) return takeChord(event);
    const name = event.key === ' ' && event.shiftKey ? 'PageUp' : event.key;
    const action = keys[name];
    // Space and Enter on a button press it.
    if (!action || (name === ' ' && isControl(event.target))) return;
    event.preventDefault();
    action();
  });

  function takeFindChord(event: KeyboardEvent): void {
    event.preventDefault();
    actions.openSearch();
  }

  function takeChord(event: KeyboardEvent): void {
    if (event.key.toLowerCase() === 'a' && !event.shiftKey) actions.selectAll();
    else if (event.key === 'End') list.toEnd();
    else if (event.key === 'Home') list.toStart();
    else return;
    event.preventDefault();
  }
}

function isFindChord({ key, ctrlKey, metaKey, shiftKey }: KeyboardEvent): boolean {
  return key.toLowerCase() === 'f' && (ctrlKey || metaKey) && !shiftKey;
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
