/**
 * A regular expression from the command line, for `spansOfPattern`; undefined where it is none, or one that can take
 * for ever: log text is written by strangers, who would choose it so that it does. Refused are back-references and repetitions of
 * something that itself repeats or has alternatives (`(a+)+`, `(a|a)*`): their time can double with every character.
 */
export function parsePattern(source: string): RegExp | undefined {
  if (source === '' || !isBounded(source)) return undefined;
  try {
    return new RegExp(source, 'dg');
  } catch {
    return undefined;
  }
}

/** What can match in more than one way. */
interface Group {
  varies: boolean;
}

function isBounded(source: string): boolean {
  const open: Group[] = [{ varies: false }];
  let last: Group = { varies: false };
  for (let at = 0; at < source.length; ) {
    const sign = source.charAt(at);
    const current = open.at(-1) as Group;
    const repetition = repetitionAt(source, at);
    if (repetition !== undefined) {
      if (repetition.isVariable && last.varies) return false;
      if (repetition.isVariable) current.varies = true;
      if (last.varies) current.varies = true;
      at += repetition.length;
      last = { varies: false };
      continue;
    }
    if (/^\\(?:[1-9]|k<)/.test(source.slice(at, at + 3))) return false;
    if (sign === '(') open.push({ varies: false });
    if (sign === '|') current.varies = true;
    if (sign === ')') {
      last = open.length > 1 ? (open.pop() as Group) : current;
      if (last.varies) (open.at(-1) as Group).varies = true;
    } else {
      last = { varies: false };
    }
    at = sign === '[' ? classEnd(source, at) : at + (sign === '\\' ? 2 : 1);
  }
  return true;
}

/** `*`, `+`, `{2,}` …; `?` and `{3}` leave little choice and are no variable repetitions. */
function repetitionAt(source: string, at: number): { length: number; isVariable: boolean } | undefined {
  const found = /^(?:[*+]|\{(\d+)(?:(,)(\d*))?\})\??/.exec(source.slice(at, at + 32));
  if (found === null) return undefined;
  const [text, least, comma, most] = found;
  return { length: text.length, isVariable: least === undefined || (comma !== undefined && most !== least) };
}

function classEnd(source: string, at: number): number {
  let end = at + 1;
  while (end < source.length && source.charAt(end) !== ']') end += source.charAt(end) === '\\' ? 2 : 1;
  return end + 1;
}
