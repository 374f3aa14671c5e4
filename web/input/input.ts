import type { List } from '../list/list.ts';
import { type CopyingOptions, takeCopies } from './copying.ts';
import { followSelection, type LogSelection } from './selection.ts';

/** Selecting and copying: loaded after what shows the first lines. */
export function takeInput(list: List, copying: Omit<CopyingOptions, 'selection'>): LogSelection {
  const selection = followSelection(list);
  takeCopies({ ...copying, selection });
  return selection;
}
