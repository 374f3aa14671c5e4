import { lineHtml } from '../../text/drawing/line-html.ts';
import { digitsOf, rowClasses, rowHtml, sameSpeaker, usualExtent } from '../../text/drawing/row-html.ts';
import type { Origin } from '../../words/line.ts';
import type { FirstEvents, Hello } from '../../words/wire.ts';

/** Of a log that has more lines than its document carries: what most screens show. */
const mostRows = 72;
/** Each color is an element: lines that change it with every letter become a hundred times as long. */
const mostCharacters = 64 * 1024;
/** Drawing holds up whatever else the agent does: a control character of a line takes 5 µs. */
const longestLine = 4096;

interface FirstLine {
  id: number;
  text: string;
  origin: Origin;
}

/**
 * The newest lines as the page's script will draw them, at the end of the list and as many as there is room for: they
 * show before the script is there. A class says where the script shows something else at first, for readers with none.
 *
 * @param events what the same document carries for the script
 * @returns HTML that takes the place of the document's element for the log; undefined where there is nothing to show
 */
export function firstRows(events: FirstEvents): string | undefined {
  const { hello, lines } = read(events);
  const last = lines.at(-1);
  if (hello === undefined || last === undefined) return undefined;
  // Where all lines fit on the screen, they stand at the top.
  const isAll = lines[0]?.id === hello.first;
  const end = isAll ? 0 : Math.max(0, lines.length - mostRows);
  let rows = '';
  let at = lines.length;
  for (; at > end; at--) {
    const row = rowOf(lines[at - 1] as FirstLine, lines[at - 2]);
    if (row === undefined || rows.length + row.length > mostCharacters) break;
    rows = row + rows;
  }
  if (rows === '') return undefined;
  const isWhole = isAll && at === 0;
  const classes = ['rows newest', isWhole && 'whole', isShownOtherwise(hello) && 'otherwise'].filter(Boolean).join(' ');
  return (
    `<main id="log" translate="no" style="--digits:${digitsOf(last.id)}"><div class="scroller"><div class="canvas">` +
    `<div class="${classes}">${rows}</div></div></div><div class="scrollbar"></div></main>`
  );
}

/** How wide the column of sources is depends on the window; a log that failed opens at its first error. */
function isShownOtherwise({ sources, status }: Hello): boolean {
  return sources.length > 1 || (status.state === 'exited' && status.code !== 0);
}

function rowOf({ id, text, origin }: FirstLine, before: FirstLine | undefined): string | undefined {
  if (text.length > longestLine) return undefined;
  const line = lineHtml(text, usualExtent, {});
  // The script has a button for the rest of it.
  if (line.end < text.length) return undefined;
  const continues = before?.origin.continued === true && sameSpeaker(origin, before.origin);
  return `<div class="${rowClasses(origin, continues)}" data-id="${id}">${rowHtml(id, line)}</div>`;
}

function read(events: FirstEvents): { hello: Hello | undefined; lines: FirstLine[] } {
  let hello: Hello | undefined;
  let origin: Origin = { time: 0 };
  const lines: FirstLine[] = [];
  for (const [type, data] of events) {
    if (typeof type === 'number') lines.push({ id: type, text: data, origin });
    else if (type === 'hello') hello = JSON.parse(data);
    else if (type === 'origin') origin = JSON.parse(data);
  }
  return { hello, lines };
}
