import { withoutTime } from '../time/time-prefix.ts';

/** Start and end in a text, in UTF-16 code units. */
export type Span = readonly [start: number, end: number];

/**
 * What a build server reads of a line and readers need not see: GitHub's and Azure's commands, Buildkite's headers. The
 * time that GitHub and GitLab put before every line that they keep stays.
 */
const marker =
  /^(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,9}Z )?(##\[[\w-]+\]|##vso\[[^\]]*\]|::(?:group|endgroup|error|warning|notice|debug|add-mask)(?: [^:]*)?::|\^{3} \+{3}$)/;
const header = /^(?:---|\+\+\+|~~~) (?=\S)/;

/** The parts of a line's visible text that are markers, in their order. */
export function markersIn(text: string, opensGroup: boolean): readonly Span[] {
  const first = text.charCodeAt(0);
  const mayHave = first === 0x23 || first === 0x3a || first === 0x5e || (first >= 0x30 && first <= 0x39);
  if (mayHave) {
    const found = marker.exec(text);
    if (found?.[1] !== undefined) return [[found[0].length - found[1].length, found[0].length]];
    const message = serviceMessage.exec(text);
    if (message !== null) return aroundValues(text, message[1] as string);
  }
  const end = opensGroup ? header.exec(text)?.[0].length : undefined;
  return end === undefined ? [] : [[0, end]];
}

/** TeamCity's: https://www.jetbrains.com/help/teamcity/service-messages.html */
const serviceMessage = /^##teamcity\[(\w+) .*\]\s*$/s;
const endOfBlock = /(?:Closed|Finish(?:ed)?)$/;
const property = /\s(?:(\w+)=)?'((?:[^'|]|\|.)*)'/gs;
/** A sign that `|` stands before. Line ends are letters there, and stay as they are. */
const escaped = /\|['|[\]]/g;
/** Properties that are for people; a value that stands alone has no name. */
const readable = ['', 'name', 'compiler', 'text', 'message', 'description', 'details', 'errorDetails', 'value'];

/** All of it but what people read, with a space between two values. What ends a block says what began it. */
function aroundValues(text: string, message: string): Span[] {
  const spans: Span[] = [];
  let at = 0;
  if (!endOfBlock.test(message)) {
    for (const { 0: whole, 1: name = '', 2: value = '', index } of text.matchAll(property)) {
      if (value === '' || !readable.includes(name)) continue;
      const end = index + whole.length - 1;
      const start = end - value.length;
      if (at > 0) spans.push([at, index]);
      spans.push([at > 0 ? index + 1 : 0, start]);
      for (const sign of value.matchAll(escaped)) spans.push([start + sign.index, start + sign.index + 1]);
      at = end;
    }
  }
  return [...spans, [at, text.length]];
}

/** The markers that a line is shown without: none where something was found in them, as a search counts that. */
export function hiddenMarkers(text: string, opensGroup: boolean, found: readonly Span[]): readonly Span[] {
  const markers = markersIn(text, opensGroup);
  return markers.some((one) => found.some(([start, end]) => start < one[1] && end > one[0])) ? [] : markers;
}

/** A line's visible text as it is shown where it stands alone. */
export function withoutMarkers(text: string, found: readonly Span[] = []): string {
  let shown = '';
  let at = 0;
  for (const [start, end] of hiddenMarkers(text, false, found)) {
    shown += text.slice(at, start);
    at = end;
  }
  return shown + text.slice(at);
}

/** The same where there is little room: without the time that GitHub and GitLab put before it. */
export function inShort(text: string): string {
  return withoutTime(withoutMarkers(text)).trim();
}
