/** What a reader has chosen to see of lines, beside the filter; part of the page's address. */
export interface ReadingChoice {
  /** Keys of JSON and logfmt lines that are shown as columns. */
  columns: readonly string[];
}

const names = ['column'];
const mostColumns = 12;

export function choiceIn(search: string): ReadingChoice {
  const parameters = new URLSearchParams(search);
  const columns = [...new Set(parameters.getAll('column'))].filter((key) => key !== '').slice(0, mostColumns);
  return { columns };
}

/** A page's query with another choice in it; what else it holds stays as it is. */
export function searchWithChoice(search: string, { columns }: ReadingChoice): string {
  const others = search
    .replace(/^\?/, '')
    .split('&')
    .filter((pair) => pair !== '' && !names.includes(pair.split('=', 1)[0] ?? ''));
  const pairs = [...others, ...columns.map((key) => `column=${encodeURIComponent(key)}`)];
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
