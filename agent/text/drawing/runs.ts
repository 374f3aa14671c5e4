import { readToken, type Token } from '../escapes/escapes.ts';
import { applySgr, defaultStyle, type Style, sameStyle } from '../escapes/sgr.ts';
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

/** How much of a line is drawn at most. */
export interface DrawLimit {
  /** UTF-16 code units of what is shown. */
  characters: number;
  runs: number;
}

/** What a terminal line shows, in order. Escape sequences that draw nothing are gone. */
export function runsOf(line: string): Run[] {
  return beginningOf(line, { characters: Number.POSITIVE_INFINITY, runs: Number.POSITIVE_INFINITY }).runs;
}

/** A line's beginning as it is drawn. */
export interface Beginning {
  runs: Run[];
  /** The index in the line up to which it came. */
  end: number;
  /** Of the row from its text to its right edge: the program erased it in a color. */
  edge?: Style;
}

/** The same up to a limit. */
export function beginningOf(line: string, extent: DrawLimit): Beginning {
  const runs: Run[] = [];
  let style = defaultStyle;
  let href: string | undefined;
  let room = extent.characters;
  let edge: Style | undefined;

  /** Whether there was room for it. */
  function add(text: string, stands?: string): boolean {
    if (text.length > room) return false;
    const before = runs.at(-1);
    if (before && before.href === href && before.stands === stands && sameStyle(before.style, style)) {
      before.text += text;
    } else if (runs.length < extent.runs) {
      runs.push({ text, style, ...(href !== undefined && { href }), ...(stands !== undefined && { stands }) });
    } else {
      return false;
    }
    room -= text.length;
    return true;
  }

  /** How much of it there was room for. */
  function addText(text: string): number {
    let taken = 0;
    for (const piece of piecesOf(cutBefore(text, room))) {
      if ('symbol' in piece) {
        if (!add(piece.symbol, piece.name)) return taken;
        taken += piece.length;
      } else {
        const part = cutBefore(piece.text, room);
        if (part === '' || !add(part)) return taken;
        taken += part.length;
        if (part !== piece.text) return taken;
      }
    }
    return taken;
  }

  for (let at = 0, token: Token; at < line.length; at = token.end) {
    token = readToken(line, at);
    if (token.type === 'text') {
      const taken = addText(token.text);
      if (taken < token.text.length) return { runs, end: at + taken };
    } else if (token.type === 'sgr') {
      style = applySgr(style, token.params);
    } else if (token.type === 'link') {
      href = safeHref(token.uri);
    } else if (token.type === 'csi' && token.final === 'K' && (token.params === '' || token.params === '0')) {
      edge = style;
    } else if (token.type === 'control' || (token.type === 'escape' && token.code === '')) {
      const { symbol, name } = controlSymbol(token.type === 'control' ? token.code : 0x1b);
      if (!add(symbol, name)) return { runs, end: at };
    }
  }
  return { runs, end: line.length, ...(edge && { edge }) };
}

/** Never between the two halves of a character. */
function cutBefore(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const code = text.charCodeAt(limit - 1);
  return text.slice(0, code >= 0xd800 && code < 0xdc00 ? limit - 1 : limit);
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
  try {
    return new URL(uri).href;
  } catch {
    return undefined;
  }
}
