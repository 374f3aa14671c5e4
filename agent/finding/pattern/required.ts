/**
 * Texts of which at least one stands in whatever a regular expression matches, so that only lines with one of them have
 * to be looked at; undefined where nothing is sure. May be less than could be known, never more.
 *
 * @param source an expression that compiles
 */
export function requiredTexts(source: string): string[] | undefined {
  // What flags do to the rest of the expression is not followed, nor quoted text, nor characters by number or property.
  if (/\(\?[a-zA-Z-]+[:)]|\\[QpPxC\d]/.test(source)) return undefined;
  const parser: Parser = { source, at: 0 };
  const texts = alternation(parser);
  return parser.at === source.length ? texts : undefined;
}

interface Parser {
  source: string;
  at: number;
}

/** One thing that may be repeated. */
interface Atom {
  /** A character that stands for itself. */
  text?: string;
  /** What is required of it. */
  texts: string[] | undefined;
}

/** More alternatives are cheaper to test line by line. */
const mostTexts = 8;

function alternation(parser: Parser): string[] | undefined {
  let all: string[] | undefined = [];
  for (;;) {
    const texts = sequence(parser);
    all =
      texts !== undefined && all !== undefined && all.length + texts.length <= mostTexts
        ? [...all, ...texts]
        : undefined;
    if (parser.source[parser.at] !== '|') return all;
    parser.at++;
  }
}

/** The best of what each of its parts requires. */
function sequence(parser: Parser): string[] | undefined {
  let best: string[] | undefined;
  let run = '';
  function offer(texts: string[] | undefined): void {
    if (texts !== undefined && shortest(texts) > (best === undefined ? 0 : shortest(best))) best = texts;
  }
  while (parser.at < parser.source.length && !'|)'.includes(parser.source[parser.at] as string)) {
    const atom = nextAtom(parser);
    const repeats = nextRepeats(parser);
    if (atom.text !== undefined && repeats === 'once') {
      run += atom.text;
      continue;
    }
    // One that has to be there ends a run of its own: `ab+c` holds `ab`, and `bc` somewhere after it.
    if (atom.text !== undefined && repeats === 'some') run += atom.text;
    offer([run]);
    run = atom.text !== undefined && repeats === 'some' ? atom.text : '';
    if (repeats !== 'maybe') offer(atom.texts);
  }
  offer([run]);
  return best;
}

function shortest(texts: readonly string[]): number {
  return Math.min(...texts.map(({ length }) => length));
}

const unknown: Atom = { texts: undefined };

function nextAtom(parser: Parser): Atom {
  const sign = String.fromCodePoint(parser.source.codePointAt(parser.at) as number);
  parser.at += sign.length;
  if (sign === '(') return group(parser);
  if (sign === '[') return characterClass(parser);
  if (sign === '\\') return escaped(parser);
  if ('.^$'.includes(sign)) return unknown;
  return { text: sign, texts: [sign] };
}

function group(parser: Parser): Atom {
  const name = /^\?(?::|P?<\w+>)/.exec(parser.source.slice(parser.at, parser.at + 100))?.[0];
  parser.at += name?.length ?? 0;
  const texts = alternation(parser);
  parser.at++;
  return { texts };
}

function characterClass(parser: Parser): Atom {
  const { source } = parser;
  if (source[parser.at] === '^') parser.at++;
  // A bracket in front stands for itself.
  if (source[parser.at] === ']') parser.at++;
  while (parser.at < source.length && source[parser.at] !== ']') {
    if (source[parser.at] === '\\') parser.at++;
    if (source.startsWith('[:', parser.at)) parser.at = source.indexOf(':]', parser.at) + 1;
    parser.at++;
  }
  parser.at++;
  return unknown;
}

function escaped(parser: Parser): Atom {
  const sign = parser.source[parser.at] ?? '';
  parser.at++;
  return /[^\w\s]/.test(sign) ? { text: sign, texts: [sign] } : unknown;
}

/** How often what was just read has to stand there. */
function nextRepeats(parser: Parser): 'once' | 'some' | 'maybe' {
  const found = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/.exec(parser.source.slice(parser.at, parser.at + 20));
  if (found === null) return 'once';
  parser.at += found[0].length;
  const sign = found[0][0];
  if (sign === '+') return 'some';
  return sign === '{' && Number(found[1]) > 0 ? 'some' : 'maybe';
}
