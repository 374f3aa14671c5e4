/**
 * A page's query with other parameters in place of some; what else it holds stays as it is.
 *
 * @param search such as `?q=text&theme=dark`
 * @param isReplaced which parameters, by name, go
 * @param pairs what comes in their place, encoded: `q=other%20text`
 */
export function withPairs(search: string, isReplaced: (name: string) => boolean, pairs: readonly string[]): string {
  const others = search
    .replace(/^\?/, '')
    .split('&')
    .filter((pair) => pair !== '' && !isReplaced(pair.split('=', 1)[0] ?? ''));
  const all = [...others, ...pairs];
  return all.length === 0 ? '' : `?${all.join('&')}`;
}
