/** A part of a text: `[from, to)` in UTF-16 units. */
export interface Span {
  from: number;
  to: number;
}

/** Sorted; what overlaps or touches nothing but itself is joined. */
export function mergeSpans(spans: Span[]): Span[] {
  if (spans.length < 2) return spans;
  const merged: Span[] = [];
  for (const span of spans.sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && span.from < last.to) last.to = Math.max(last.to, span.to);
    else merged.push({ ...span });
  }
  return merged;
}

/** Where `value` stands in a text, overlapping ones too. */
export function* spansOfValue(text: string, value: string): Generator<Span> {
  for (let from = text.indexOf(value); from !== -1; from = text.indexOf(value, from + 1)) {
    yield { from, to: from + value.length };
  }
}

/**
 * A pattern sees a long text in windows: a search takes time that grows with the square of what it sees, and with a line
 * of 256 KiB that would be ten seconds. Matches of up to half a window are always found whole.
 */
export const patternWindow = 4096;

/** What a global pattern with indices (`dg`) matches in a text; where it has a group, what its first matching group does. */
export function* spansOfPattern(text: string, pattern: RegExp): Generator<Span> {
  const step = patternWindow / 2;
  for (let start = 0; start === 0 || start + step < text.length; start += step) {
    const window = text.slice(start, start + patternWindow);
    for (const { indices } of window.matchAll(pattern)) {
      const [whole, ...groups] = indices ?? [];
      const [from, to] = groups.find((group) => group !== undefined) ?? whole ?? [0, 0];
      if (to > from) yield { from: start + from, to: start + to };
    }
  }
}
