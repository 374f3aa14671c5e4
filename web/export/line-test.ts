import { visibleText } from '../../agent/text/escapes/strip.ts';
import { asksForCase, compileLinear } from '../../agent/text/linear-regexp.ts';
import { selects } from '../../agent/words/selection.ts';
import { parseMoment } from '../../agent/words/units.ts';
import { type Filter, isFiltering } from '../lines/filter.ts';
import { textPatterns } from '../lines/filter-texts.ts';
import { expressionFor, expressionOf, type TextPattern } from '../text/pattern.ts';
import type { EmbeddedLine } from './embedded-log.ts';

const wordCharacter = '\\p{L}\\p{M}\\p{N}_';

export type LineTest = (line: EmbeddedLine) => boolean;

/**
 * Whether lines pass a filter; undefined where all do. Expressions are those of the agent, and its engine runs them: an
 * address may hold what takes the browser's own forever.
 *
 * @param now milliseconds since the epoch, from which an age counts
 * @throws LinearRegExpError where an expression is none
 */
export function lineTest(filter: Filter, firstSource: string | undefined, now: number): LineTest | undefined {
  if (!isFiltering(filter)) return undefined;
  const { not = [], has = [], lacks = [], level, since, until } = filter;
  const flags = { regex: filter.regex === true, case: filter.case === true, word: filter.word === true };
  const required = [...textPatterns(filter).map(textTest), ...has.map(valueTest)];
  const unwanted = [...not.map((text) => textTest({ text, ...flags, word: false })), ...lacks.map(valueTest)];
  const isSelected = selects(filter);
  const from = timeOf(since, now) ?? Number.NEGATIVE_INFINITY;
  const to = timeOf(until, now) ?? Number.POSITIVE_INFINITY;
  return (line) => {
    if (!isSelected(line.origin, firstSource) || line.time < from || line.time > to) return false;
    if (level && !(line.level && level.includes(line.level))) return false;
    if (required.length + unwanted.length === 0) return true;
    const text = visibleText(line.text);
    return required.every((test) => test(text)) && !unwanted.some((test) => test(text));
  };
}

/** As the agent takes the values of `has` and `lacks`: whole words and whole numbers. */
function valueTest(value: string): (text: string) => boolean {
  const before = `(?<![${wordCharacter}]${/^\d/.test(value) ? '|\\d\\.' : ''})`;
  const after = `(?![${wordCharacter}]${/\d$/.test(value) ? '|\\.\\d' : ''})`;
  const expression = new RegExp(before + expressionFor(value) + after, 'u');
  return (text) => expression.test(text);
}

function textTest(pattern: TextPattern): (text: string) => boolean {
  const { text: source, regex, word } = pattern;
  if (regex) {
    const [before, after] = word ? [`(?:^|[^${wordCharacter}])`, `(?:$|[^${wordCharacter}])`] : ['', ''];
    // Before words are put around it: what is wrong is said of the expression alone.
    compileLinear(source);
    return compileLinear(`${before}(?:${source})${after}`, { ignoreCase: !pattern.case && !asksForCase(source) }).test;
  }
  const expression = expressionOf(pattern);
  return (text) => expression !== undefined && text.search(expression) !== -1;
}

function timeOf(text: string | undefined, now: number): number | undefined {
  return text === undefined ? undefined : parseMoment(text, now);
}
