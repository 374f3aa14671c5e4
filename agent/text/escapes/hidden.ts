import { tokens } from './escapes.ts';
import { controlStringEnd } from './scan.ts';

/**
 * What programs put into a line for other programs to read, and what becomes of it before the line is kept.
 * - Fold markers of GitLab and Travis stand before a CR, which would fold them away, or is taken for part of the
 *   line's end. They are kept as a control string of our own, `APC sse-tail;marker ST`, with their control characters
 *   as `%0D`.
 * - Buildkite's `APC bk;t=… BEL` is a control string already and stays.
 * - Jenkins' notes (`ESC [8mha:…ESC [0m`) are for Jenkins alone, kilobytes each: they are dropped.
 * - What tmux passes through (`DCS tmux;… ST`) is what the program printed, quoted: it is unwrapped.
 */
export const keptPrefix = 'sse-tail;';

/** Whether a line as it was printed holds what `keepHidden` changes. */
export function hasHidden(text: string): boolean {
  return text.includes('\r') ? quickMarker.test(text) || quickOther.test(text) : quickOther.test(text);
}

/**
 * Whether the CRs that a line ends with are those of a marker: a terminal and Windows add a line end to the marker's
 * own one. Not where another word comes before it, such as the command that prints it.
 */
export function endsWithMarker(bytes: Buffer, start: number, end: number): boolean {
  const from = Math.max(start, end - longestMarker);
  let at = end;
  if (bytes[at - 1] === closeBracket) while (at > from && bytes[--at] !== openBracket);
  while (at > from && isOfName[bytes[at - 1] as number] === 1) at--;
  // A call of the expression takes as long as all else about a line.
  if (end - at < shortestMarker) return false;
  return markerAtEnd.test(bytes.toString('latin1', from, end));
}

/** The line with its markers kept as control strings, and without notes and quoting. */
export function keepHidden(text: string): string {
  return withoutQuoting(text.replace(notes, '')).replace(marker, keep);
}

/**
 * The line as it was printed, for whoever reads it with the tools of the program that wrote it. Takes only what
 * `keepHidden` made.
 */
export function restoreHidden(text: string): string {
  return text.includes(kept) ? text.replace(keptString, (_, body: string) => printed(body)) : text;
}

/** The text of a control string (APC) as the marker that it keeps; undefined for any other. */
export function markerIn(apc: string): string | undefined {
  if (!apc.startsWith(keptPrefix)) return undefined;
  const restored = printed(apc.slice(keptPrefix.length));
  return restored.startsWith('\x1b_') ? undefined : restored;
}

/**
 * What a kept line carries for other programs, in order: fold markers as they were printed (`section_start:…`, with
 * their CR), and Buildkite's `bk;t=1560896352000` as it stands in its control string.
 */
export function* markersIn(line: string): Generator<string, void, undefined> {
  if (!line.includes('\x1b_')) return;
  for (const token of tokens(line)) {
    if (token.type !== 'string' || token.kind !== 'APC') continue;
    if (token.text.startsWith(buildkite)) yield token.text;
    const marker = markerIn(token.text);
    if (marker !== undefined) yield marker;
  }
}

/** Whether a control string belongs to its line however it is folded. */
export function isKept(apc: string): boolean {
  return (apc.startsWith(keptPrefix) || apc.startsWith(buildkite)) && apc.length <= mostKept;
}

const buildkite = 'bk;';
const mostKept = 4096;
const kept = `\x1b_${keptPrefix}`;

const quickMarker = /section_(?:start|end):|travis_(?:fold|time):/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what this is about
const quickOther = /\x1b\[8mha:|\x1bPtmux;/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const notes = /\x1b\[8mha:[A-Za-z0-9+/=]*\x1b\[0m/g;
const passthrough = '\x1bPtmux;';
const ofGitlab = 'section_(?:start|end):\\d{1,20}:[\\w.-]{1,256}(?:\\[[^\\]\\r\\n\\x1b]{0,256}\\])?';
const ofTravis = 'travis_(?:fold:(?:start|end):[\\w.-]{1,256}|time:(?:start|end):[\\w.:=,-]{1,256})';
const clear = '(?:\\x1b\\[0?K)?';
const printedMarker = `${clear}(?:${ofGitlab}|${ofTravis})`;
const marker = new RegExp(`${printedMarker}\\r${clear}`, 'g');
/** After the line's start, the time that a build server puts there, an escape sequence, or another marker. */
const markerAtEnd = new RegExp(
  `(?:^(?:\\d{4}-\\d\\d-\\d\\dT[\\d:.]{8,18}Z (?:\\d\\d[OE][ +]?)?)?|\\x1b\\[[\\d;]{0,20}[A-Za-z]|\\r)${printedMarker}$`,
);
const openBracket = 0x5b;
const closeBracket = 0x5d;
const shortestMarker = 'section_end:1:a'.length;
/** And what may come before it; both are shorter. */
const longestMarker = 700;
/** By each byte, 1 for those of a name. */
const isOfName = /* @__PURE__ */ Uint8Array.from({ length: 256 }, (_, byte) =>
  /[\w.:=,-]/.test(String.fromCharCode(byte)) ? 1 : 0,
);
const wholeMarker = new RegExp(`^${marker.source}$`);
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const keptString = /\x1b_sse-tail;([^\x07\x1b]{0,4096})\x1b\\/g;

function keep(printedMarker: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
  const body = printedMarker.replace(/[\x1b\r%]/g, (sign) => `%${hex(sign)}`);
  return `${kept}${body}\x1b\\`;
}

function hex(sign: string): string {
  return sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');
}

/** A program may print such a string itself: only what is a marker becomes one. */
function printed(body: string): string {
  const restored = body.replace(/%(1B|0D|25)/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return wholeMarker.test(restored) ? restored : `${kept}${body}\x1b\\`;
}

/** What is passed through as it was printed, in one scan: what has no end, or another one in it, stays. */
function withoutQuoting(text: string): string {
  let out = '';
  let at = 0;
  for (let next = text.indexOf(passthrough); next !== -1; ) {
    const start = next + passthrough.length;
    const found = controlStringEnd(text, next + 2, text.length, passthrough.charCodeAt(1));
    if (found === 'open') break;
    if (found !== 'broken') {
      out += text.slice(at, next) + text.slice(start, found.bodyEnd).replaceAll('\x1b\x1b', '\x1b');
      at = found.end;
    }
    next = text.indexOf(passthrough, Math.max(start, at));
  }
  return out + text.slice(at);
}
