/** Name on the command line: `--no-keep`. */
export function longName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Name of the environment variable: `SSE_TAIL_NO_KEEP`. */
export function envName(name: string): string {
  return `SSE_TAIL_${longName(name).slice(2).replaceAll('-', '_').toUpperCase()}`;
}

/** The name that a mistyped option was probably meant to be, of those that would be taken. */
export function nearestOption(given: string, names: readonly string[]): string | undefined {
  if (!given.startsWith('--')) return undefined;
  const spelled = names.map(longName);
  const begun = spelled.find((name) => name.startsWith(given) || given.startsWith(name));
  const nearest = spelled.sort((one, other) => distance(one, given) - distance(other, given))[0] ?? '';
  // Two other letters of three make any word out of any other.
  const most = given.length > shortWord ? 2 : 1;
  return begun ?? (isNear(nearest, given, most) ? nearest : undefined);
}

const shortWord = '--tail'.length;

/** Whether one is a typing mistake away from the other. */
export function isNear(name: string, given: string, most = 2): boolean {
  return distance(name, given) <= most;
}

/** Optimal string alignment distance: how many letters have to be changed, or neighbors swapped. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwapped ? (before[j - 2] as number) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(change, swap, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    [before, row] = [row, next];
  }
  return row[b.length] as number;
}
