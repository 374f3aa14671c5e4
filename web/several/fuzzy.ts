/** Where the letters of what was typed stand in a text, and how well that fits: the higher the better. */
export interface FuzzyMatch {
  score: number;
  /** Indexes of the letters. */
  at: number[];
}

const points = { next: 4, wordStart: 3, letter: 1, skipped: 0.05 };
const wordStart = /[\s/._\-:#]/;

/** Letters in their order, with anything between them; undefined where one is missing. Case and spaces don't count. */
export function fuzzyMatch(typed: string, text: string): FuzzyMatch | undefined {
  const letters = [...typed.toLowerCase().replace(/\s+/g, '')];
  const lower = text.toLowerCase();
  const [first] = letters;
  if (first === undefined) return { score: 0, at: [] };
  let best: FuzzyMatch | undefined;
  for (let start = lower.indexOf(first); start !== -1; start = lower.indexOf(first, start + 1)) {
    const match = matchFrom(letters, lower, start);
    if (!match) break;
    if (!best || match.score > best.score) best = match;
  }
  return best;
}

function matchFrom(letters: readonly string[], text: string, start: number): FuzzyMatch | undefined {
  const at: number[] = [];
  let score = 0;
  let from = start;
  for (const letter of letters) {
    const index = nearest(letter, text, from);
    if (index === -1) return undefined;
    const isNext = at.length > 0 && index === from;
    score += points.letter + (isNext ? points.next : -points.skipped * (index - from));
    if (index === 0 || wordStart.test(text[index - 1] ?? '')) score += points.wordStart;
    at.push(index);
    from = index + letter.length;
  }
  return { score, at };
}

/** The letter right here, else where it begins a word, else the next one. */
function nearest(letter: string, text: string, from: number): number {
  const next = text.indexOf(letter, from);
  if (next === from) return next;
  for (let index = next; index !== -1; index = text.indexOf(letter, index + 1)) {
    if (index === 0 || wordStart.test(text[index - 1] ?? '')) return index;
  }
  return next;
}
