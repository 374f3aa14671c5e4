import { withoutTime } from '../../agent/text/time/time-prefix.ts';
import type { Span } from './pattern.ts';

/**
 * What a build server reads of a line and readers need not see: GitHub's and Azure's commands, Buildkite's headers. The
 * time that GitHub and GitLab put before every line that they keep stays.
 */
const marker =
  /^(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,9}Z )?(##\[[\w-]+\]|##vso\[[^\]]*\]|::(?:group|endgroup|error|warning|notice|debug|add-mask)(?: [^:]*)?::|\^{3} \+{3}$)/;
const header = /^(?:---|\+\+\+|~~~) (?=\S)/;

/** The part of a line's visible text that is a marker; undefined where it has none. */
export function markerIn(text: string, opensGroup: boolean): Span | undefined {
  const first = text.charCodeAt(0);
  const found =
    first === 0x23 || first === 0x3a || first === 0x5e || (first >= 0x30 && first <= 0x39) ? marker.exec(text) : null;
  if (found?.[1] !== undefined) return [found[0].length - found[1].length, found[0].length];
  const end = opensGroup ? header.exec(text)?.[0].length : undefined;
  return end === undefined ? undefined : [0, end];
}

/** The marker that a line is shown without. One that holds a part of what was found stays. */
export function hiddenMarker(text: string, opensGroup: boolean, found: readonly Span[]): Span | undefined {
  const marker = markerIn(text, opensGroup);
  return marker && found.some(([start, end]) => start < marker[1] && end > marker[0]) ? undefined : marker;
}

/** A line's visible text as it is shown where it stands alone. */
export function withoutMarker(text: string, found: readonly Span[] = []): string {
  const [start, end] = hiddenMarker(text, false, found) ?? [0, 0];
  return text.slice(0, start) + text.slice(end);
}

/** The same where there is little room: without the time that GitHub and GitLab put before it. */
export function inShort(text: string): string {
  return withoutTime(withoutMarker(text)).trim();
}
