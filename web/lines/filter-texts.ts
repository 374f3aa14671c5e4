import { expressionFor, type TextPattern } from '../text/pattern.ts';
import type { Filter, textLists } from './filter.ts';

/** What lines have to hold, as what finds it in them. */
export function textPatterns({ q = [], regex, case: isCase, word }: Filter): TextPattern[] {
  return q.map((text) => ({ text, regex: regex === true, case: isCase === true, word: word === true }));
}

/**
 * With one more text that lines have to hold. All are expressions where one is; and where case or words count otherwise
 * than before, it takes the place of those that were there.
 */
export function withPattern(filter: Filter, pattern: TextPattern): Filter {
  const { q = [], not = [], regex: wasRegex, case: wasCase, word: wereWords, ...rest } = filter;
  const isRegex = wasRegex === true || pattern.regex;
  const written = (text: string, isOne: boolean | undefined) => (isRegex && !isOne ? expressionFor(text) : text);
  const others = (wasCase === true) === pattern.case && (wereWords === true) === pattern.word ? q : [];
  return {
    ...rest,
    q: [...new Set([...others.map((text) => written(text, wasRegex)), written(pattern.text, pattern.regex)])],
    ...(isRegex && { regex: true }),
    ...(pattern.case && { case: true }),
    ...(pattern.word && { word: true }),
    ...(not.length > 0 && { not: not.map((text) => written(text, wasRegex)) }),
  };
}

/** With one more text that lines may not hold. */
export function withUnwanted(filter: Filter, text: string): Filter {
  const written = filter.regex ? expressionFor(text) : text;
  return { ...filter, not: [...new Set([...(filter.not ?? []), written])] };
}

/** Without a text; what says how texts are meant stays as long as there are any. */
export function withoutText(filter: Filter, kind: (typeof textLists)[number], text: string): Filter {
  const { [kind]: texts = [], regex, case: isCase, word, ...rest } = filter;
  const left = texts.filter((one) => one !== text);
  const next: Filter = { ...rest, ...(left.length > 0 && { [kind]: left }) };
  const flags = { ...(regex && { regex }), ...(isCase && { case: isCase }), ...(word && { word }) };
  return next.q || next.not ? { ...next, ...flags } : next;
}
