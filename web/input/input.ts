import type { List } from '../list/list.ts';
import { type Copying, type CopyingOptions, takeCopies } from './copying.ts';
import { followSelection, type LogSelection } from './selection.ts';

/** Selecting and copying: loaded after what shows the first lines. */
export type Input = LogSelection & Copying;

export function takeInput(list: List, options: Omit<CopyingOptions, 'selection'>): Input {
  const selection = followSelection(list);
  const copying = takeCopies({ ...options, selection });
  return Object.assign(selection, copying);
}
