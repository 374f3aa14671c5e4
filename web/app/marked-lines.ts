import type { IdRange } from '../lines/id-ranges.ts';
import type { List } from '../list/list.ts';
import { closestTo } from '../text/element.ts';
import { hashOf, markedLines, setAddress } from './address.ts';

/** The lines that the page's address marks: `#L42`, `#L42-L50`. */
export interface MarkedLines {
  /** The line that the address names. */
  readonly id: number | undefined;
  /** The lines that it names: the same object for as long as it does. */
  readonly range: IdRange | undefined;
  /** Marks a line in the address and shows it. */
  goTo(id: number, isStep?: boolean): void;
}

export function createMarkedLines(list: List): MarkedLines {
  let anchor: number | undefined;
  let range: IdRange | undefined;

  function takeAddress(): void {
    range = markedLines(location.hash);
    list.mark(range);
    anchor = range?.from;
    if (range) list.goTo(range.from);
  }

  /** A line number marks its line, with Shift all lines from the one marked before. The view stays where it is. */
  function takeNumberClick(event: MouseEvent): void {
    const id = Number(closestTo(event.target, 'a.number')?.dataset.number);
    if (!id || event.ctrlKey || event.metaKey || event.button !== 0) return;
    event.preventDefault();
    const other = event.shiftKey && anchor !== undefined ? anchor : id;
    range = { from: Math.min(id, other), to: Math.max(id, other) };
    setAddress({ hash: hashOf(range) }, true);
    list.mark(range);
    anchor = other;
    list.stay();
  }

  takeAddress();
  addEventListener('popstate', takeAddress);
  list.rows.addEventListener('click', takeNumberClick);

  return {
    get id() {
      return anchor;
    },
    get range() {
      return range;
    },
    goTo(id, isStep) {
      setAddress({ hash: hashOf({ from: id, to: id }) }, isStep);
      takeAddress();
    },
  };
}
