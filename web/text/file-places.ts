import type { FilePlace } from '../../agent/text/link-template.ts';

/** Where in a text it names a place in a file. */
export interface NamedPlace extends FilePlace {
  start: number;
  end: number;
}

/** `:12`, `:12:5`, `(12)`, `(12,5)` after a path, and what Python writes: `", line 12`. */
const lineAfter = /:(\d{1,7})(?::(\d{1,5}))?(?!\w|[.:]\d)|\((\d{1,7})(?:[,:]\s?(\d{1,5}))?\)|", line (\d{1,7})\b/g;
const mostPlaces = 50;
const longestPath = 400;

/**
 * The places in files that a line names with a line number: `src/app.ts:12:5`, `a.cs(12,5)`, `File "a.py", line 12`. In
 * linear time, whatever the line holds.
 */
export function placesIn(text: string): NamedPlace[] {
  const places: NamedPlace[] = [];
  for (const found of text.matchAll(lineAfter)) {
    const [whole, line, column, lineInBrackets, columnInBrackets, linePython] = found;
    const end = found.index + whole.length;
    const from = places.at(-1)?.end ?? 0;
    const start = linePython === undefined ? pathStart(text, found.index, from) : quotedStart(text, found.index, from);
    const path = text.slice(start, found.index);
    if (!isPath(path, text.charAt(start - 1))) continue;
    const inBrackets = columnInBrackets ?? column;
    places.push({
      start,
      end,
      path: path.replace(/^file:\/\//, ''),
      line: Number(line ?? lineInBrackets ?? linePython),
      column: inBrackets === undefined ? undefined : Number(inBrackets),
    });
    if (places.length >= mostPlaces) break;
  }
  return places;
}

const pathCharacter = /[\p{L}\p{N}_@.+~\\/$%#-]/u;

function pathStart(text: string, end: number, least: number): number {
  let start = end;
  const first = Math.max(least, end - longestPath);
  while (start > first && pathCharacter.test(text.charAt(start - 1))) start--;
  const before = text.slice(Math.max(first, start - 6), start);
  // A drive, or a file's URL.
  if (/(?:^|[^\p{L}\p{N}])[A-Za-z]:$/u.test(before) && /[\\/]/.test(text.charAt(start))) return start - 2;
  return text.startsWith('///', start) && before.endsWith('file:') ? start - 5 : start;
}

function quotedStart(text: string, end: number, least: number): number {
  const quote = text.lastIndexOf('"', end - 1);
  return quote < Math.max(least, end - longestPath) ? end : quote + 1;
}

/** Without a directory, `name.word:12` may as well be a host and its port. */
const sourceFile =
  /\.(?:[cm]?[jt]sx?|vue|svelte|py|rb|go|rs|c|cc|cpp|cxx|h|hh|hpp|m|mm|java|kts?|cs|fs|php|swift|scala|sh|bash|s?css|less|html?|json|ya?ml|toml|md|ex|exs|erl|hs|lua|pl|pm|r|sql|dart|zig|tf|proto|gradle)$/i;
const anyFile = /[\\/][^\\/]*\.[A-Za-z]\w{0,9}$/;

/** @param before the character before it */
function isPath(path: string, before: string): boolean {
  // `node:internal/x.js`, `webpack:///x.js`: of a scheme that is no file's.
  if (before === ':' || path.length < 3) return false;
  return sourceFile.test(path) || anyFile.test(path);
}
