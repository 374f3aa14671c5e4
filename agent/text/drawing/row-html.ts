import type { Origin } from '../../words/line.ts';
import type { DrawnLine } from './line-html.ts';
import type { DrawLimit } from './runs.ts';

/** A screen full of lines of this extent is drawn in about a second. */
export const usualExtent: DrawLimit = { characters: 16_384, runs: 1000 };

/** All of a line. */
export const wholeExtent: DrawLimit = { characters: Number.POSITIVE_INFINITY, runs: Number.POSITIVE_INFINITY };

/** Digits that there is room for beside lines up to this one: more than needed, so that the text rarely moves. */
export function digitsOf(last: number): number {
  return Math.max(4, String(last).length);
}

/** Whether lines come from the same place, so that one may continue the other. */
export function sameSpeaker(a: Origin, b: Origin): boolean {
  return a.source === b.source && a.stream === b.stream && a.kind === b.kind;
}

/**
 * The classes of a row.
 * @param origin undefined where its line is not here
 * @param isContinuation the line is a further piece of the one before
 * @param others further ones
 */
export function rowClasses(
  origin: Origin | undefined,
  isContinuation: boolean | undefined,
  others: readonly (string | false | undefined)[] = [],
): string {
  return [
    'row',
    origin?.stream === 'stderr' && 'stderr',
    origin?.kind === 'notice' && 'notice',
    origin?.continued && 'continued',
    isContinuation && 'continuation',
    ...others,
  ]
    .filter(Boolean)
    .join(' ');
}

/** What is in every row: the number of its line, if it is one, and an element for its text. */
export function rowHtml(id: number | undefined, { html, edge }: Pick<DrawnLine, 'html' | 'edge'>): string {
  const number =
    id === undefined
      ? '<span class="number"></span>'
      : `<a class="number" href="#L${id}" data-number="${id}" draggable="false" tabindex="-1"></a>`;
  return `${number}<span class="text${edge ? ' edged' : ''}">${html}</span>${edge ? edgeHtml(edge) : ''}`;
}

/** The rest of a row that the program erased in a color. */
export function edgeHtml(color: string): string {
  return `<span class="edge" style="background:${color}"></span>`;
}
