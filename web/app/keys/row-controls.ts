import type { List } from '../../list/list.ts';

/**
 * Buttons and links in rows are no stops of Tab, of which there would be dozens: Enter goes from the lines to the first
 * one, arrows go from one to the next, Escape goes back.
 */
export function takeRowControls({ rows, scroller, rowHeight, scrollBy, drew }: List): void {
  const all = () => [...rows.querySelectorAll<HTMLElement>('button, a')];
  // Links of a text that fields stand for can't be seen.
  const controls = () => all().filter((control) => !control.matches('.number, [aria-hidden] a'));
  const inRow = (id: string | undefined) => controls().filter((control) => idOf(control) === id);
  /** Finds what has the focus again, where its row draws it anew. */
  let held: { element: HTMLElement; id: string | undefined; at: number } | undefined;

  scroller.addEventListener('keydown', (event) => {
    const { key, target } = event;
    const all = controls();
    const at = all.indexOf(target as HTMLElement);
    const step = at < 0 ? Number(key === 'Enter' && target === scroller) : ({ ArrowDown: 1, ArrowUp: -1 }[key] ?? 0);
    if (step !== 0) {
      const next = all[at + step];
      if (next) next.focus({ preventScroll: true });
      else scrollBy(step * rowHeight);
    } else if (at >= 0 && key === 'Escape') scroller.focus({ preventScroll: true });
    else return;
    event.preventDefault();
  });
  // Now and not in each frame: rows are drawn far more often than somebody presses Tab.
  document.addEventListener(
    'keydown',
    ({ key }) => {
      if (key === 'Tab') for (const control of all()) control.tabIndex = -1;
    },
    true,
  );
  rows.addEventListener('focusin', ({ target }) => {
    const element = target as HTMLElement;
    const id = idOf(element);
    held = { element, id, at: inRow(id).indexOf(element) };
  });
  drew.add(() => {
    // Removed, it has left the focus to nobody; whoever has it by now keeps it.
    if (!held || held.element.isConnected || document.activeElement !== document.body) return;
    const again = inRow(held.id)[held.at];
    again?.focus({ preventScroll: true });
    // In a window behind others nothing is told of a focus.
    held = again && { ...held, element: again };
  });
}

/** Unfinished rows have none: together they count as one. */
function idOf(control: HTMLElement): string | undefined {
  return control.closest<HTMLElement>('.row')?.dataset.id;
}
