import { withPairs } from '../lines/address-pairs.ts';

/** What a reader has chosen to see of lines, beside the filter; part of the page's address. */
export interface ReadingChoice {
  /** Keys of JSON and logfmt lines that are shown as columns. */
  columns: readonly string[];
  /** Words that stand out. */
  highlights: readonly Highlight[];
}

export interface Highlight {
  color: HighlightColor;
  text: string;
}

export const highlightColors = ['yellow', 'green', 'blue', 'pink', 'violet'] as const;
export type HighlightColor = (typeof highlightColors)[number];

const names = ['column', 'highlight'];
const mostOfEach = 12;

export function choiceIn(search: string): ReadingChoice {
  const parameters = new URLSearchParams(search);
  const columns = [...new Set(parameters.getAll('column'))].filter((key) => key !== '').slice(0, mostOfEach);
  const highlights = parameters.getAll('highlight').flatMap((pair) => {
    const [, name, text = ''] = /^([a-z]+):(.+)$/s.exec(pair) ?? [];
    const color = highlightColors.find((one) => one === name);
    return color === undefined ? [] : [{ color, text }];
  });
  return { columns, highlights: highlights.slice(0, mostOfEach) };
}

/** A page's query with another choice in it; what else it holds stays as it is. */
export function searchWithChoice(search: string, { columns, highlights }: ReadingChoice): string {
  return withPairs(search, (name) => names.includes(name), [
    ...columns.map((key) => `column=${encodeURIComponent(key)}`),
    ...highlights.map(({ color, text }) => `highlight=${color}:${encodeURIComponent(text)}`),
  ]);
}

/** With one more, in the color that is used least; a text has one color. */
export function withHighlight(highlights: readonly Highlight[], text: string): Highlight[] {
  const others = highlights.filter((one) => one.text !== text);
  const uses = (color: HighlightColor) => others.filter((one) => one.color === color).length;
  const color = highlightColors.reduce((least, one) => (uses(one) < uses(least) ? one : least));
  return [...others, { color, text }].slice(-mostOfEach);
}

/** With the next color for one of them. */
export function recolored(highlights: readonly Highlight[], text: string): Highlight[] {
  const next = (color: HighlightColor) =>
    highlightColors[(highlightColors.indexOf(color) + 1) % highlightColors.length] as HighlightColor;
  return highlights.map((one) => (one.text === text ? { text, color: next(one.color) } : one));
}
