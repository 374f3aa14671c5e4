import { readToken } from './escapes.ts';

/** What can be seen of a line: its text without escape sequences and control characters. TAB stays. */
export function visibleText(line: string): string {
  if (!hasControl.test(line)) return line;
  let visible = '';
  for (let at = 0; at < line.length; ) {
    const token = readToken(line, at);
    if (token.type === 'text') visible += token.text;
    at = token.end;
  }
  return visible;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const hasControl = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/;
