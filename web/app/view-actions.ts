import type { LaterBackend } from '../backend/backend.ts';
import type { LineHistory } from '../history/history.ts';
import type { CopyForm } from '../input/copying.ts';
import type { Filter } from '../lines/filter.ts';
import type { ReadingChoice } from '../reading/choice.ts';
import type { FindingActions } from './finding.ts';
import type { Settings } from './settings.ts';
import type { ViewState } from './view-state.ts';

/** What the buttons around the lines do. */
export interface ViewActions extends FindingActions {
  retry(): void;
  toEnd(): void;
  goTo(id: number): void;
  change(settings: Partial<Settings>): void;
  /** Shows only what is selected. */
  choose(filter: Filter): void;
  /** Hides all lines that there are by now. */
  clearLines(): void;
  toggleFilters(): void;
  toggleOutline(): void;
  openHelp(): void;
  toggleTimeline(): void;
  /** The list of other logs. */
  toggleSide(): void;
  /** From filtered lines to this place in the whole log, and back. */
  toggleInLog(): void;
  chooseReading(choice: Partial<ReadingChoice>): void;
  /** The reader has seen that the line that the address marks does not show. */
  closeMark(): void;
  /** Copies what is selected in another form. */
  copyAs(form: CopyForm | 'link'): void;
  set(change: Partial<ViewState>): void;
  histogram: LaterBackend['histogram'];
  /** The first line at or after a time (milliseconds since the epoch). */
  lineAtTime(time: number): ReturnType<LineHistory['find']>;
}
