import { type Run, safeHref } from './runs.ts';

/**
 * Makes links of the http and https URLs that stand in the text of runs, whatever changes its color in the middle of
 * one. What is a link already, or stands for something else, stays as it is.
 * @param isWhole whether the text ends here: a URL that may go on leads nowhere
 */
export function withLinks(runs: readonly Run[], isWhole: boolean): readonly Run[] {
  const text = runs.map(plainText).join('');
  if (!text.includes('://')) return runs;
  const links = linksIn(text).filter(({ end }) => isWhole || end < text.length);
  return links.length === 0 ? runs : cutAt(runs, links);
}

/** A link's place in a text, and where it leads. */
export interface Link {
  start: number;
  end: number;
  href: string;
}

const url = /(?<![A-Za-z0-9_])https?:\/\/[\p{L}\p{M}\p{N}\-._~:/?#[\]@!$&'()*+,;=%]+/giu;

/**
 * Where a URL ends although what follows could be part of one: before Han, Kana and Hangul, whose languages write no
 * space around it, unless they begin a part of its path (`/wiki/日本語`); and before the next URL of a list.
 */
const urlEnd =
  /(?<=[A-Za-z0-9%])[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]|,(?=[\w.-]{0,64}=?https?:\/\/)/giu;
const urlStart = /(?<![A-Za-z0-9_])https?:\/\//gi;

/** The URLs in a text, without the punctuation of the sentence around them. */
export function linksIn(text: string): Link[] {
  const links: Link[] = [];
  for (const { 0: found, index } of text.matchAll(url)) {
    for (const [start, end] of stretchesIn(found)) {
      const address = withoutPunctuation(found.slice(start, end));
      const href = safeHref(address);
      if (href !== undefined) links.push({ start: index + start, end: index + start + address.length, href });
    }
  }
  return links;
}

/** Where each URL begins and ends in a text that holds nothing but what a URL may hold. */
function* stretchesIn(found: string): Generator<[start: number, end: number]> {
  for (let start = 0; start !== -1; ) {
    const end = indexFrom(found, urlEnd, start);
    yield [start, end === -1 ? found.length : end];
    start = end === -1 ? -1 : indexFrom(found, urlStart, end);
  }
}

function indexFrom(text: string, pattern: RegExp, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? -1;
}

/**
 * A closing bracket belongs to the URL where it was opened in it, as in
 * `https://en.wikipedia.org/wiki/Log_(disambiguation)`.
 */
function withoutPunctuation(address: string): string {
  const unopened: Record<string, number> = {
    ')': countOf(')', address) - countOf('(', address),
    ']': countOf(']', address) - countOf('[', address),
  };
  let end = address.length;
  for (; end > 0; end--) {
    const last = address.charAt(end - 1);
    const closed = unopened[last];
    if (closed === undefined ? !".,;:!?'*".includes(last) : closed <= 0) break;
    if (closed !== undefined) unopened[last] = closed - 1;
  }
  return address.slice(0, end);
}

function countOf(character: string, text: string): number {
  return text.split(character).length - 1;
}

function plainText({ text, href, stands }: Run): string {
  return href === undefined && stands === undefined ? text : ' '.repeat(text.length);
}

function cutAt(runs: readonly Run[], links: readonly Link[]): Run[] {
  const cut: Run[] = [];
  let runStart = 0;
  let next = 0;
  for (const run of runs) {
    const runEnd = runStart + run.text.length;
    for (let at = runStart; at < runEnd; ) {
      const link = links[next];
      const isInside = link !== undefined && at >= link.start;
      const end = Math.min(runEnd, link === undefined ? runEnd : isInside ? link.end : link.start);
      const text = run.text.slice(at - runStart, end - runStart);
      cut.push(isInside ? { ...run, text, href: link.href } : { ...run, text });
      if (isInside && end === link.end) next++;
      at = end;
    }
    runStart = runEnd;
  }
  return cut;
}
