import type { ViewState } from '../view-state.ts';

const panels = ['search', 'filtersAreOpen', 'outlineIsOpen', 'timelineIsOpen', 'sideIsOpen', 'copy'] as const;

type Panel = (typeof panels)[number];

/** The panels that are open, in the order in which they were opened: Escape closes the last one. */
export function createOpenPanels() {
  let open: Panel[] = [];
  return {
    /** The page is like this now. */
    look(state: Pick<ViewState, Panel>): void {
      const isOpen = (panel: Panel) => Boolean(state[panel]);
      open = [...open.filter(isOpen), ...panels.filter((panel) => isOpen(panel) && !open.includes(panel))];
    },
    last: () => open.at(-1),
  };
}
