import { layOutCells } from './cells/cells.ts';
import { toHtml } from './color/convert.ts';
import { backgroundOf, canonicalSgr } from './color/palette.ts';
import { withLinks } from './links.ts';
import { hiddenMarkers } from './markers.ts';
import { hideSpans, markSpans } from './marks.ts';
import type { Highlighter } from './pattern.ts';
import { beginningOf, type DrawLimit, type Run } from './runs.ts';
import { trustedHtml } from './trusted-types.ts';

/** What is done to a line beyond what it says itself. */
export interface Extras {
  marks?: Marks | undefined;
  /** It opens a group of lines: what says so is not shown. */
  opensGroup?: boolean;
}

/** What is marked in a line. */
export interface Marks {
  highlighter: Highlighter;
  /** Index of the place that the reader is at, where it is in this line. */
  current: number | undefined;
}

/** What of a line was drawn. */
export interface DrawnLine {
  /** The index in the line up to which it was drawn. */
  end: number;
  /** CSS color of the row beyond its text; undefined where it is the row's own. */
  edge: string | undefined;
}

/**
 * Draws a line of terminal text into an element, which loses what it held. The only way by which text of a log comes
 * into the page: reduced to runs of plain text under canonical SGR, escaped and colored by ansi-to-html. What that
 * does not know (conceal, links, symbols, cells) is an element made here around it.
 */
export function drawLine(element: HTMLElement, line: string, limit: DrawLimit, extras: Extras = {}): DrawnLine {
  const { marks, opensGroup = false } = extras;
  const { runs, end, edge } = beginningOf(line, limit);
  const groups = grouped(withLinks(runs, end === line.length));
  const [only] = groups;
  if (!only) {
    element.textContent = '';
  } else if (groups.length === 1 && !only.wrap) {
    element.innerHTML = trustedHtml(only.html());
  } else {
    element.replaceChildren(...groups.map(elementOf));
  }
  const found = marks?.highlighter.spansOf(element.textContent) ?? [];
  markSpans(element, found, marks?.current);
  hideSpans(element, hiddenMarkers(element.textContent, opensGroup, found));
  layOutCells(element);
  return { end, edge: edge && backgroundOf(edge) };
}

/** Runs under one wrapping element, or (without `wrap`) under none. */
interface Group {
  wrap: Wrap | undefined;
  html(): string;
}

interface Wrap {
  className: string;
  href: string | undefined;
  stands: string | undefined;
}

function grouped(runs: readonly Run[]): Group[] {
  const groups: { wrap: Wrap | undefined; runs: Run[] }[] = [];
  for (const run of runs) {
    const wrap = wrapOf(run);
    const before = groups.at(-1);
    if (before && sameWrap(before.wrap, wrap)) before.runs.push(run);
    else groups.push({ wrap, runs: [run] });
  }
  return groups.map((group) => ({ wrap: group.wrap, html: () => htmlOf(group.runs) }));
}

function wrapOf({ style, href, stands }: Run): Wrap | undefined {
  const className = [style.conceal && 'conceal', stands !== undefined && 'symbol'].filter(Boolean).join(' ');
  return className || href !== undefined ? { className, href, stands } : undefined;
}

function sameWrap(a: Wrap | undefined, b: Wrap | undefined): boolean {
  return a?.className === b?.className && a?.href === b?.href && a?.stands === b?.stands;
}

/** Each token costs ansi-to-html a copy of all that follows it: a long line in one text takes quadratic time. */
const runsAtOnce = 64;

function htmlOf(runs: readonly Run[]): string {
  let html = '';
  for (let at = 0; at < runs.length; at += runsAtOnce) {
    const piece = runs.slice(at, at + runsAtOnce);
    html += toHtml(piece.map((run) => `\x1b[0m${canonicalSgr(run.style)}${run.text}`).join(''));
  }
  return html;
}

function elementOf({ wrap, html }: Group): HTMLElement {
  const element = wrap?.href === undefined ? document.createElement('span') : linkTo(wrap.href);
  if (wrap?.className) element.className = wrap.className;
  if (wrap?.stands) element.title = wrap.stands;
  element.innerHTML = trustedHtml(html());
  return element;
}

function linkTo(href: string): HTMLAnchorElement {
  const link = document.createElement('a');
  link.href = href;
  link.title = href;
  link.rel = 'noopener noreferrer';
  link.target = '_blank';
  // Or it could not be selected with the mouse.
  link.draggable = false;
  return link;
}
