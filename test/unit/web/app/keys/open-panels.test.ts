import { expect, test } from 'vitest';
import { createOpenPanels } from '../../../../../web/app/keys/open-panels.ts';

test('the panel that was opened last is the first to be closed', () => {
  const open = createOpenPanels();
  const state = {
    search: undefined,
    filtersAreOpen: false,
    outlineIsOpen: false,
    timelineIsOpen: false,
    sideIsOpen: false,
    copy: undefined,
  };
  open.look(state);
  expect(open.last()).toBeUndefined();
  open.look({ ...state, timelineIsOpen: true });
  open.look({ ...state, timelineIsOpen: true, filtersAreOpen: true });
  expect(open.last()).toBe('filtersAreOpen');
  open.look({ ...state, timelineIsOpen: true });
  expect(open.last()).toBe('timelineIsOpen');
  open.look({ ...state, timelineIsOpen: true, filtersAreOpen: true });
  open.look({ ...state, filtersAreOpen: true });
  expect(open.last()).toBe('filtersAreOpen');
});
