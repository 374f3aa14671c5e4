/** Amounts and lists as people read them. */

/** `1,204`, of a whole number. By hand: what formats numbers takes a browser 30 ms to load, before its first line. */
export function count(amount: number): string {
  return String(amount).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `a`, `a and b`, `a, b and c` */
export function listed(words: readonly string[], conjunction: 'and' | 'or'): string {
  if (words.length < 2) return words.join();
  return `${words.slice(0, -1).join(', ')} ${conjunction} ${words.at(-1)}`;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** How long ago, in its largest unit: `now`, `40 s ago`, `5 min ago`, `3 h ago`, `12 days ago`, `2 years ago`. */
export function ago(ms: number): string {
  if (ms < 1000) return 'now';
  if (ms < minuteMs) return `${Math.floor(ms / 1000)} s ago`;
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)} min ago`;
  if (ms < dayMs) return `${Math.floor(ms / hourMs)} h ago`;
  const days = Math.floor(ms / dayMs);
  if (days < 365) return days === 1 ? '1 day ago' : `${days} days ago`;
  const years = Math.floor(days / 365);
  return years === 1 ? '1 year ago' : `${years} years ago`;
}

const sizeUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `0 B`, `812 B`, `4.2 KiB`, `120 MiB` */
export function sizeText(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (amount >= 1023.5 && unit < sizeUnits.length - 1) {
    amount /= 1024;
    unit++;
  }
  const digits = unit === 0 || amount >= 9.95 ? 0 : 1;
  return `${amount.toFixed(digits)} ${sizeUnits[unit]}`;
}
