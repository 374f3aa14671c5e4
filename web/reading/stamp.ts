import { withoutTime } from '../../agent/text/time/time-prefix.ts';
import { label } from '../list/row.ts';
import { wrapSpans } from '../text/marks.ts';

/** Sets apart the time that a CI puts before each line, `.stamp`; hides it where a column shows it already. */
export function markStamp(text: HTMLElement, isShownBeside: boolean): void {
  const { textContent } = text;
  const length = textContent.length - withoutTime(textContent).length;
  if (length === 0) return;
  wrapSpans(text, [[0, length]], (part) => {
    const stamp = label('stamp', part);
    stamp.hidden = isShownBeside;
    return stamp;
  });
}
