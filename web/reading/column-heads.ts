import { visibleName } from '../../agent/text/drawing/invisible.ts';
import type { List } from '../list/list.ts';
import { label } from '../list/row.ts';
import { boxOf } from '../text/box-of.ts';

/**
 * Names the columns above the lines, each where its cells are: `.column-heads > .column-head[data-key]`, while a row
 * with columns shows. A screen reader hears the name in each cell.
 */
export function createColumnHeads({ scroller, rows, drew }: List): (columns: readonly string[]) => void {
  const heads = label('column-heads', '');
  heads.ariaHidden = 'true';
  heads.hidden = true;
  scroller.before(heads);
  drew.add(place);
  scroller.addEventListener('scroll', place, { passive: true });

  function place(): void {
    const cells = rows.querySelector('.column')?.parentElement?.querySelectorAll('.column');
    heads.hidden = !cells;
    heads.parentElement?.classList.toggle('heads', !heads.hidden);
    if (!cells) return;
    const start = scroller.getBoundingClientRect().left;
    for (const [at, head] of (heads.childNodes as NodeListOf<HTMLElement>).entries()) {
      head.style.left = `${(boxOf(cells[at])?.left ?? 0) - start}px`;
    }
  }

  return (columns) => {
    heads.replaceChildren(
      ...columns.map((key) => {
        const head = label('column-head', visibleName(key));
        head.dataset.key = key;
        head.title = head.textContent ?? '';
        return head;
      }),
    );
    place();
  };
}
