import type { LinearRegExp } from '../linear-regexp.ts';

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

/** What a pattern matches in a text; where it has groups, what the first of them that took part does. */
export function* spansOfPattern(text: string, pattern: LinearRegExp): Generator<Span> {
  if (!pattern.test(text)) return;
  for (const { start, end, groups } of pattern.matches(text)) {
    const matched = groups.find((group) => group !== undefined) ?? { start, end };
    if (matched.end > matched.start) yield { from: matched.start, to: matched.end };
  }
}
