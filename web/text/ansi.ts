import { type DrawnLine, type Extras, lineHtml } from '../../agent/text/drawing/line-html.ts';
import type { DrawLimit } from '../../agent/text/drawing/runs.ts';
import { fits } from './font-widths.ts';
import { trustedHtml } from './trusted-types.ts';

/**
 * Draws a line of terminal text into an element, which loses what it held. The only way by which text of a log comes
 * into the page.
 */
export function drawLine(element: HTMLElement, line: string, limit: DrawLimit, extras: Extras = {}): DrawnLine {
  const drawn = lineHtml(line, limit, { ...extras, fits });
  element.innerHTML = trustedHtml(drawn.html);
  return drawn;
}
