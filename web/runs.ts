import { readToken } from '../agent/text/escapes.ts';
import { applySgr, defaultStyle, type Style } from '../agent/text/sgr.ts';
import { controlSymbol, piecesOf } from './invisible.ts';

/** A stretch of a line that is drawn in one way. */
export interface Run {
  /** Plain text: no escape sequence, no control character but TAB. */
  text: string;
  style: Style;
  /** An http or https URL (OSC 8). */
  href?: string;
  /** Stands for the one character of this name (`U+0007`) that can't be shown itself. */
  stands?: string;
}

/** What a terminal line shows, in order. Escape sequences that draw nothing are gone. */
export function runsOf(line: string): Run[] {
  const runs: Run[] = [];
  let style = defaultStyle;
  let href: string | undefined;

  function add(text: string, stands?: string): void {
    runs.push({ text, style, ...(href !== undefined && { href }), ...(stands !== undefined && { stands }) });
  }

  for (let at = 0; at < line.length; ) {
    const token = readToken(line, at);
    at = token.end;
    if (token.type === 'text') {
      for (const piece of piecesOf(token.text)) {
        if ('text' in piece) add(piece.text);
        else add(piece.symbol, piece.name);
      }
    } else if (token.type === 'sgr') {
      style = applySgr(style, token.params);
    } else if (token.type === 'link') {
      href = safeHref(token.uri);
    } else if (token.type === 'control' || (token.type === 'escape' && token.code === '')) {
      const { symbol, name } = controlSymbol(token.type === 'control' ? token.code : 0x1b);
      add(symbol, name);
    }
  }
  return runs;
}

/** What the page shows of a line, as text: what selecting and copying give. */
export function shownText(line: string): string {
  return runsOf(line)
    .map((run) => run.text)
    .join('');
}

const longestHref = 2083;

/** The URL in its normal form if it is http or https, else undefined. */
export function safeHref(uri: string): string | undefined {
  if (uri.length > longestHref || !/^https?:\/\//i.test(uri)) return undefined;
  return URL.canParse(uri) ? new URL(uri).href : undefined;
}
