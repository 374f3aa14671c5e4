import { cellsHtml, type FontFits } from '../cells/cells-html.ts';
import { styled } from '../color/convert.ts';
import { encodeXML } from '../color/encode-xml.ts';
import { backgroundOf, canonicalSgr } from '../color/palette.ts';
import { withLinks } from './links.ts';
import { hiddenMarkers, type Span } from './markers.ts';
import { beginningOf, type DrawLimit, type Run } from './runs.ts';

/** What is done to a line beyond what it says itself. */
export interface Extras {
  /** Finds what is marked in a line's visible text. */
  spansOf?: ((text: string) => readonly Span[]) | undefined;
  /** Index of the place that the reader is at, where it is in this line. */
  current?: number | undefined;
  /** It opens a group of lines: what says so is not shown. */
  opensGroup?: boolean;
  /** Says which characters the font draws in their columns; where it is left out, each has a cell of its own. */
  fits?: FontFits | undefined;
}

/** A line as it is drawn. */
export interface DrawnLine {
  /** What an element of the line holds. */
  html: string;
  /** The index in the line up to which it was drawn. */
  end: number;
  /** CSS color of the row beyond its text; undefined where it is the row's own. */
  edge: string | undefined;
}

/**
 * A line of terminal text as HTML. The only way by which text of a log comes into a page: reduced to runs of plain text
 * under canonical SGR, which ansi-to-html makes colors of; all text is escaped.
 */
export function lineHtml(line: string, limit: DrawLimit, { spansOf, current, opensGroup, fits }: Extras): DrawnLine {
  const { runs: ownRuns, end, edge } = beginningOf(line, limit);
  const runs = withLinks(ownRuns, end === line.length);
  const text = runs.map((run) => run.text).join('');
  const found = spansOf?.(text) ?? [];
  const covers = [
    ...found.map((span, at): Cover => [...span, at === current ? '<mark aria-current="true">' : '<mark>', '</mark>']),
    ...hiddenMarkers(text, opensGroup === true, found).map(
      (span): Cover => [...span, '<span class="marker">', '</span>'],
    ),
  ].sort(([a], [b]) => a - b);

  let html = '';
  let at = 0;
  let next = 0;
  let open = '';

  /** Text of a run, with what covers parts of it. */
  function covered({ text: own }: Run): string {
    const start = at;
    const stop = start + own.length;
    let inner = '';
    while (at < stop) {
      const cover = covers[next];
      const isInside = cover !== undefined && at >= cover[0];
      const end = cover === undefined ? stop : Math.min(stop, cover[isInside ? 1 : 0]);
      const piece = cellsHtml(own.slice(at - start, end - start), fits);
      inner += isInside ? cover[2] + piece + cover[3] : piece;
      if (end === cover?.[1]) next++;
      at = end;
    }
    return inner;
  }

  for (const run of runs) {
    const wrap = wrapOf(run);
    if (wrap !== open) html += closing(open) + wrap;
    open = wrap;
    const sgr = canonicalSgr(run.style);
    html += sgr === '' ? covered(run) : styled(sgr, covered(run));
  }
  return { html: html + closing(open), end, edge: edge && backgroundOf(edge) };
}

/** What is put around a part of a line's text. */
type Cover = [start: number, end: number, open: string, close: string];

/**
 * The tag of an element around runs, for what ansi-to-html does not know (conceal, kinds of underlines, links and
 * symbols); empty for none.
 */
function wrapOf({ style, href, stands }: Run): string {
  const underline = style.underline > 1 && `u${style.underline}`;
  const className = [style.conceal && 'conceal', underline, stands && 'symbol'].filter(Boolean).join(' ');
  const title = stands ?? href;
  const attributes = (className && ` class="${className}"`) + (title ? ` title="${encodeXML(title)}"` : '');
  if (href === undefined) return attributes && `<span${attributes}>`;
  // Undraggable, or it could not be selected with the mouse.
  return `<a href="${encodeXML(href)}"${attributes} rel="noopener noreferrer" target="_blank" draggable="false">`;
}

function closing(tag: string): string {
  return tag && (tag.startsWith('<a') ? '</a>' : '</span>');
}
