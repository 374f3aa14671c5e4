import { withoutTime } from '../../agent/text/time/time-prefix.ts';
import { label } from '../list/row.ts';
import { wrapSpans } from '../text/marks.ts';

/**
 * Only build servers write it so, for each line: GitHub and Azure with seven digits, GitLab with the number of the
 * stream. Times in another form are what a program says.
 */
const ofBuildServer = /\.\d{7}Z $|Z \d\d[OE][ +]?$/;

interface TimesShown {
  times: boolean;
  timeFrom: 'arrival' | 'line';
}

/**
 * Sets apart the time before a line, `.stamp`. It is hidden where a column shows it already, and where a build server
 * put it there and no times are asked for.
 */
export function markStamp(text: HTMLElement, { times, timeFrom }: TimesShown): void {
  const { textContent } = text;
  const length = textContent.length - withoutTime(textContent).length;
  if (length === 0) return;
  const isHidden = times ? timeFrom === 'line' : ofBuildServer.test(textContent.slice(0, length));
  wrapSpans(text, [[0, length]], (part) => {
    const stamp = label('stamp', part);
    stamp.hidden = isHidden;
    return stamp;
  });
}
