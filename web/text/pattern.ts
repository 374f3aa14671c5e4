import type { Span } from '../../agent/text/drawing/markers.ts';

/** What is searched for, as the search bar and the agent take it. */
export interface TextPattern {
  text: string;
  /** `text` is a regular expression. */
  regex: boolean;
  /** Case counts. Without it case counts where the text has an upper-case letter, as in ripgrep. */
  case: boolean;
  /** Only whole words. */
  word: boolean;
}

/** A text as most readers mean it. */
export const usualPattern = { regex: false, case: false, word: false };

/** As requests and the address of the list of logs take it: `q=text&regex=1`. */
export function patternQuery({ text, regex, case: isCase, word }: TextPattern): string {
  const flags = [regex && 'regex=1', isCase && 'case=1', word && 'word=1'].filter(Boolean);
  return [`q=${encodeURIComponent(text)}`, ...flags].join('&');
}

/** Finds a pattern's places in the text of a line. */
export interface Highlighter {
  spansOf(text: string): Span[];
}

/** So many places of a line are marked; one that is full of them can't be read anyway. */
const mostSpans = 1000;
/** Steps that a backtracking engine may take for a line; beyond, the line is marked as a whole. */
const mostSteps = 2_000_000;

/** @returns what is wrong with a regular expression, in the engine's words; undefined where nothing is */
export function patternError({ text, regex }: TextPattern): string | undefined {
  if (!regex) return undefined;
  try {
    new RegExp(text, 'u');
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^Invalid regular expression: \/.*\/[a-z]*: /s, '');
  }
}

/**
 * The agent says which lines match, with an engine that takes linear time; the browser's does not. So an expression
 * that could take long on a line is not run on it, and the whole line is its place.
 */
export function createHighlighter(pattern: TextPattern): Highlighter {
  const expression = expressionOf(pattern);
  const loops = pattern.regex ? loopsIn(pattern.text) : 0;
  return {
    spansOf(text) {
      if (!expression) return [];
      if (text.length ** loops > mostSteps) return text === '' ? [] : [[0, text.length]];
      const spans: Span[] = [];
      for (const match of text.matchAll(expression)) {
        if (match[0] !== '') spans.push([match.index, match.index + match[0].length]);
        if (spans.length >= mostSpans) break;
      }
      return spans;
    },
  };
}

/** Places of any of these; of those that overlap the first. */
export function highlighterOfAll(patterns: readonly TextPattern[]): Highlighter {
  const all = patterns.map(createHighlighter);
  return {
    spansOf(text) {
      const apart: Span[] = [];
      for (const span of all.flatMap(({ spansOf }) => spansOf(text)).sort(([a], [b]) => a - b)) {
        if (span[0] >= (apart.at(-1)?.[1] ?? 0)) apart.push(span);
      }
      return apart;
    },
  };
}

/** The regular expression that matches a text, for this engine and the agent's. */
export function expressionFor(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&').replace(/\\-/g, '\\x2d');
}

/** The text that an expression matches, where it matches nothing else. */
export function textOf(expression: string): string | undefined {
  const text = expression.replace(/\\x2d/g, '-').replace(/\\(.)/gsu, '$1');
  return expressionFor(text) === expression ? text : undefined;
}

/** The expression for it, without a bound on what it may take; undefined where it is none. */
export function expressionOf({ text, regex, case: isCase, word }: TextPattern): RegExp | undefined {
  if (text === '') return undefined;
  const source = regex ? `(?:${text})` : expressionFor(text);
  const [before, after] = word ? ['(?<![\\p{L}\\p{M}\\p{N}_])', '(?![\\p{L}\\p{M}\\p{N}_])'] : ['', ''];
  try {
    return new RegExp(before + source + after, isCase || hasUpperCase(text, regex) ? 'gu' : 'giu');
  } catch {
    return undefined;
  }
}

/** Of an expression the characters count that stand for themselves, as for the agent; where none does, case counts. */
function hasUpperCase(text: string, regex: boolean): boolean {
  const literals = regex
    ? text.replace(
        /\\x(..)|\\p(?:\{.*?\}|.)|\\(\W)|\\.|\(\?<.*?>|\{[\d,]+\}|[\\^$.|?*+()[\]{}]/giu,
        (_, byte, sign = '') => (byte ? String.fromCharCode(Number(`0x${byte}`)) : sign),
      )
    : text;
  return /^$|\p{Lu}/u.test(literals);
}

/**
 * How often a backtracking engine may walk along a text, at worst, for each of its places: once for each repetition
 * without an end, and without any bound where one is inside another.
 */
function loopsIn(expression: string): number {
  const plain = expression.replace(/\\./gsu, 'x').replace(/\[[^\]]*\]/g, 'x');
  if (/\((?:[^()]*[*+}|][^()]*|.*\(.*)\)[*+{]/s.test(plain)) return Number.POSITIVE_INFINITY;
  const repetitions = plain.match(/[*+]|\{\d+,\d*\}/g)?.length ?? 0;
  return Math.max(1, repetitions);
}
