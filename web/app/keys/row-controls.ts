import type { List } from '../../list/list.ts';

/**
 * Buttons and links in rows are no stops of Tab, of which there would be dozens: Enter goes from the lines to the first
 * one, arrows go from one to the next, Escape goes back.
 */
export function takeRowControls({ rows, scroller, rowHeight, scrollBy, drew }: List): void {
  const controls = () => [...rows.querySelectorAll<HTMLElement>('button, a:not(.number)')];
  /** Finds what has the focus again, where its row draws it anew because it was pressed. */
  let held: { element: Element; selector: string } | undefined;

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
      if (key === 'Tab') for (const control of controls()) control.tabIndex = -1;
    },
    true,
  );
  rows.addEventListener('focusin', ({ target }) => {
    const element = target as Element;
    const id = element.closest<HTMLElement>('[data-id]')?.dataset.id;
    held = { element, selector: `[data-id="${id}"] .${element.className}` };
  });
  drew.add(() => {
    if (!held || held.element.isConnected) return;
    rows.querySelector<HTMLElement>(held.selector)?.focus({ preventScroll: true });
    held = undefined;
  });
}
