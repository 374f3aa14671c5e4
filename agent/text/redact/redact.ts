import { type Token, tokens } from '../escapes/escapes.ts';
import { visibleText } from '../escapes/strip.ts';
import type { LinearRegExp } from '../linear-regexp.ts';
import type { LineReceiver } from '../lines/line-writer.ts';
import { createNeedles, type Findings, maskCommand, type Needles } from './needles.ts';
import { mergeSpans, type Span, spansOfPattern } from './spans.ts';

/** Replaces secrets by `***`. What is secret can grow: lines `::add-mask::value` add to it. */
export interface Redactor {
  /** A text that is no line: a name, a notice. */
  text(text: string): string;
  /**
   * Rows of a screen that can still change: also without what at an end may become a secret. One that goes over the
   * right edge is found where the rows are put together. With patterns, without the last row's unfinished word.
   */
  rows(rows: readonly string[]): string[];
  /** Lines of one channel pass through here on their way to `receiver`. */
  lines(receiver: LineReceiver): LineRedaction;
}

/** Bytes of a chunk, a line end included. One object serves all lines, so it is only valid during the call. */
export interface ChunkSpan {
  /** Negative where the line began before the chunk. */
  from: number;
  to: number;
}

/**
 * Secrets are looked for in what can be seen of a line, so that a color in their middle doesn't hide them, and in the
 * control strings that can't be seen (a link's address, a title).
 */
export interface LineRedaction {
  /** Looks through the bytes that the next lines come from, once instead of once a line. */
  begin(chunk: Buffer): void;
  /** A line, as a splitter gives it, and where it stands in the chunk. */
  line(bytes: Buffer, start: number, end: number, continued: boolean, inChunk: ChunkSpan): void;
  /** Lines of the chunk, as a splitter gives them, each with its LF behind it. */
  plainLines(bytes: Buffer, start: number, end: number): void;
  /** The unfinished line as it may be shown: with patterns only its whole words, as any other may become a match. */
  partial(text: string): string;
  /** True while a piece of a long line is held back, because a secret may go on in the next piece. */
  readonly isHolding: boolean;
  /** Whether a secret may begin in this text, the end of an unfinished line, and go on in what comes next. */
  mayGoOn(text: string): boolean;
  /**
   * The text ends. Gives what is held back, and the unfinished line that `endLine` gives to `line`: without what at its
   * end may be the beginning of a secret. Its rest is left out if another text begins with it.
   */
  end(endLine: () => void): void;
  /** What was left out at the end of the text that has ended. */
  readonly cutOff: string;
  /** What `write` gives to `line` follows on a text that ended with `cutOff`; that of now is as it was afterwards. */
  after(cutOff: string, write: () => void): void;
}

export interface Secrets {
  /** Of one that has several lines each line counts for itself. */
  values: readonly string[];
  /** Made by `parsePattern`. */
  patterns: readonly LinearRegExp[];
}

const lf = 0x0a;
const cr = 0x0d;

/** What stands for a secret. */
const mark = '***';
/** A line of a secret that is shorter than this is too likely to be something else. */
export const shortestSecret = 4;
/** So much of a secret at the end of a line that was not finished is taken for one; less tells nobody anything. */
const tellingLength = 3;
/** A log written by strangers must not make the agent look for ever more. */
const mostMasks = 1000;
/** The parts of a longer mask count each for itself. */
const longestMask = 4096;
/** Of a secret that takes up whole pieces of a line so much of its beginning is remembered. */
const longestCut = 64 * 1024;

export function createRedactor({ values, patterns }: Secrets): Redactor {
  const rules = { needles: createNeedles(values.flatMap(formsOf)), patterns };
  return {
    text: (text) => redactPieces([text], rules)[0] as string,
    rows: (rows) => redactRows(rows, rules),
    lines: (receiver) => new RedactedLines(rules, receiver),
  };
}

/** How a value may be printed: line by line, in a JSON string, in a URL. */
function formsOf(value: string): string[] {
  const lines = value.split(/[\r\n]+/).map((line) => line.trim());
  const json = JSON.stringify(value.trim()).slice(1, -1);
  const forms = [...lines, json, encodeURIComponent(Buffer.from(value.trim()).toString())];
  return [...new Set(forms)].filter((form) => form.length >= shortestSecret);
}

/** A text in parts that are not too long, the last one as long as the others. */
function partsOf(text: string): string[] {
  const count = Math.ceil(text.length / longestMask);
  return Array.from({ length: count }, (_, at) => {
    const start = Math.max(0, Math.min(at * longestMask, text.length - longestMask));
    return text.slice(start, start + longestMask);
  });
}

interface Rules {
  needles: Needles;
  patterns: readonly LinearRegExp[];
}

class RedactedLines implements LineRedaction {
  private readonly rules: Rules;
  private readonly receiver: LineReceiver;
  private chunk: Buffer | undefined;
  private findings: Findings | undefined;
  /** The piece as it was given: a pattern that has matched its end may match more of the next one. */
  private held: string | undefined;
  /**
   * What was found in it, counted from its first visible character; below 0 where a mark was given before it. What it
   * was found by may stand in a piece that is gone.
   */
  private known: readonly Span[] = [];
  /** While the unfinished line at the text's end is given. */
  private isEnding = false;
  /**
   * What stands before the next text and was given already, as a mark: what may be the beginning of a secret, at the
   * end of a text that has ended, or a secret up to the piece that is held. '' for nothing.
   */
  private cut = '';
  private readonly inChunk: ChunkSpan = { from: 0, to: 0 };

  constructor(rules: Rules, receiver: LineReceiver) {
    this.rules = rules;
    this.receiver = receiver;
  }

  get isHolding(): boolean {
    return this.held !== undefined;
  }

  begin(chunk: Buffer): void {
    this.chunk = chunk;
    this.findings = this.rules.needles.search(chunk);
  }

  line(bytes: Buffer, start: number, end: number, continued: boolean, inChunk: ChunkSpan): void {
    const isUnfinished = this.isEnding && !continued;
    if (!this.isInMiddle && !isUnfinished && this.isClean(bytes, start, end, continued, inChunk)) {
      this.receiver.line(bytes, start, end, continued);
      return;
    }
    const given = bytes.toString('utf8', start, end);
    if (!continued) this.learn(given, Math.max(inChunk.from, 0));
    const { held } = this;
    const pieces = [this.cut, held ?? '', given];
    const spans = spansOfPieces(pieces, this.rules, { isUnfinished, known: this.known });
    const [, before, text] = pieces.map(rewriter(spans, this.rules)) as [string, string, string];
    this.letGo();
    if (isUnfinished) this.cut = this.beginningOfSecret(pieces);
    if (held !== undefined) this.give(before, true);
    if (continued && this.mayGoOn(given)) this.hold(pieces, spans);
    else if (text === given) this.receiver.line(bytes, start, end, continued);
    else this.give(text, continued);
  }

  plainLines(bytes: Buffer, start: number, end: number): void {
    const { inChunk } = this;
    inChunk.from = start;
    inChunk.to = end;
    if (!this.isInMiddle && this.receiver.lines && this.isClean(bytes, start, end, false, inChunk)) {
      this.receiver.lines(bytes, start, end);
      return;
    }
    for (let at = start; at < end; ) {
      const lineFeed = bytes.indexOf(lf, at);
      inChunk.from = at;
      inChunk.to = lineFeed + 1;
      this.line(bytes, at, lineFeed, false, inChunk);
      at = lineFeed + 1;
    }
  }

  partial(text: string): string {
    if (this.held !== undefined) return '';
    return redactUnfinished(this.cut, text, this.rules);
  }

  mayGoOn(text: string): boolean {
    const { needles, patterns } = this.rules;
    return patterns.length > 0 || needles.beginningAtEnd(visibleText(text)) > 0;
  }

  end(endLine: () => void): void {
    this.isEnding = true;
    endLine();
    this.isEnding = false;
    if (this.held === undefined) return;
    const pieces = [this.cut, this.held];
    const spans = spansOfPieces(pieces, this.rules, { isUnfinished: true, known: this.known });
    this.give(pieces.map(rewriter(spans, this.rules))[1] as string, true);
    this.letGo();
    this.cut = this.beginningOfSecret(pieces);
  }

  get cutOff(): string {
    return this.cut;
  }

  after(cutOff: string, write: () => void): void {
    const own = this.cut;
    this.cut = cutOff;
    write();
    this.cut = own;
  }

  /** Keeps the last of the pieces back, and of a secret that goes over into it what stands before it. */
  private hold(pieces: readonly string[], spans: readonly Span[]): void {
    const visible = pieces.slice(0, -1).map(visibleText).join('');
    const start = visible.length;
    this.held = pieces.at(-1);
    this.known = spans.filter(({ to }) => to > start).map(({ from, to }) => ({ from: from - start, to: to - start }));
    const [first] = this.known;
    if (first !== undefined && first.from < 0) this.cut = visible.slice(first.from).slice(0, longestCut);
  }

  private letGo(): void {
    this.held = undefined;
    this.known = [];
    this.cut = '';
  }

  /** What stands before the next line belongs to it, or may. */
  private get isInMiddle(): boolean {
    return this.held !== undefined || this.cut !== '';
  }

  private isClean(bytes: Buffer, start: number, end: number, continued: boolean, inChunk: ChunkSpan): boolean {
    const { needles, patterns } = this.rules;
    if (patterns.length > 0 || (continued && needles.count > 0)) return false;
    const { chunk, findings } = this;
    if (chunk && findings) {
      if (bytes === chunk) return findings.isClean(start, end);
      if (isCopy(bytes, start, end, chunk, inChunk)) return findings.isClean(inChunk.from, inChunk.to);
    }
    return needles.search(bytes.subarray(start, end)).isClean(0, end - start);
  }

  /** @param from where the line begins in the chunk */
  private learn(text: string, from: number): void {
    const escaped = maskedValue(visibleText(text));
    if (escaped === undefined) return;
    const { needles } = this.rules;
    for (const form of [...formsOf(escaped), ...formsOf(unescapeMask(escaped))].flatMap(partsOf)) {
      if (needles.count >= mostMasks) return;
      if (needles.has(form)) continue;
      needles.add(form);
      this.findings?.lookFor(form, from);
    }
  }

  private beginningOfSecret(pieces: readonly string[]): string {
    const visible = pieces.map(visibleText).join('');
    return visible.slice(visible.length - this.rules.needles.beginningAtEnd(visible));
  }

  private give(text: string, continued: boolean): void {
    const bytes = Buffer.from(text);
    this.receiver.line(bytes, 0, bytes.length, continued);
  }
}

/**
 * Whether a line is `chunk[from, to)` without its line end, perhaps behind a color: not folded and not mended. Not
 * behind a link: the chunk that its address comes from may be another one.
 */
function isCopy(bytes: Buffer, start: number, end: number, chunk: Buffer, { from, to }: ChunkSpan): boolean {
  if (from < 0) return false;
  let textEnd = to;
  while (textEnd > from && (chunk[textEnd - 1] === lf || chunk[textEnd - 1] === cr)) textEnd--;
  const length = textEnd - from;
  if (length > end - start || bytes.compare(chunk, from, textEnd, end - length, end) !== 0) return false;
  // A carried color ends with `m`, a link with ST.
  return length === end - start || bytes[end - length - 1] === 0x6d;
}

/**
 * What stands in a line `::add-mask::value`, or undefined. Workflow commands of GitHub Actions:
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#masking-a-value-in-a-log
 */
function maskedValue(visible: string): string | undefined {
  const line = visible.trimStart();
  if (!line.startsWith(maskCommand)) return undefined;
  return line.slice(maskCommand.length);
}

function unescapeMask(escaped: string): string {
  return escaped.replace(/%0D/gi, '\r').replace(/%0A/gi, '\n').replace(/%25/g, '%');
}

function spansIn(text: string, { needles, patterns }: Rules): Span[] {
  const spans = needles.spansIn(text);
  for (const pattern of patterns) for (const span of spansOfPattern(text, pattern)) spans.push(span);
  return mergeSpans(spans);
}

/** The unfinished line, after what may belong to it. */
function redactUnfinished(before: string, text: string, rules: Rules): string {
  if (maskedValue(visibleText(text)) !== undefined) return hiddenMask;
  const [, shown = ''] = redactPieces([before, text], rules, true);
  return rules.patterns.length > 0 ? wholeWords(shown) : shown;
}

/** A text up to its last blank. */
function wholeWords(text: string): string {
  let end = 0;
  let at = 0;
  for (const token of tokens(text)) {
    const blank = token.type === 'text' ? Math.max(token.text.lastIndexOf(' '), token.text.lastIndexOf('\t')) : -1;
    if (blank !== -1) end = at + blank + 1;
    at = token.end;
  }
  return text.slice(0, end);
}

const hiddenMask = `${maskCommand}${mark}`;

function redactRows(rows: readonly string[], rules: Rules): string[] {
  const visible = rows.map(visibleText);
  const spans = spansIn(visible.join(''), rules);
  let end = 0;
  for (const text of visible) {
    end += text.length;
    spans.push(...cutSecretAt(text, end, rules));
  }
  const texts = rows.map(rewriter(mergeSpans(spans), rules));
  if (rules.patterns.length > 0) texts.push(wholeWords(texts.pop() ?? ''));
  return texts.map((text, at) => (maskedValue(visible[at] as string) === undefined ? text : hiddenMask));
}

/** What may be the beginning of a secret in a text that ends at position `end`. */
function cutSecretAt(text: string, end: number, { needles }: Rules): Span[] {
  const length = needles.beginningAtEnd(text);
  return length < tellingLength ? [] : [{ from: end - length, to: end }];
}

/** The pieces of one line. A secret that goes over their border is replaced where it begins. */
function redactPieces(pieces: readonly string[], rules: Rules, isUnfinished = false): string[] {
  return pieces.map(rewriter(spansOfPieces(pieces, rules, { isUnfinished }), rules));
}

/**
 * Where secrets stand in what can be seen of the pieces together.
 *
 * @param end.isUnfinished also what may be the beginning of a secret at the end is one
 * @param end.known what is a secret in any case, counted from the end of the first piece
 */
function spansOfPieces(
  pieces: readonly string[],
  rules: Rules,
  { isUnfinished, known = [] }: { isUnfinished: boolean; known?: readonly Span[] },
): Span[] {
  const visible = pieces.map(visibleText);
  const text = visible.join('');
  const spans = spansIn(text, rules);
  if (isUnfinished) spans.push(...cutSecretAt(text, text.length, rules));
  const { length } = visible[0] ?? '';
  for (const { from, to } of known) spans.push({ from: Math.max(0, length + from), to: length + to });
  return mergeSpans(spans);
}

/** Goes through the pieces of a line one after the other; `spans` are those of all that can be seen of them. */
function rewriter(spans: readonly Span[], rules: Rules): (piece: string) => string {
  const rewriteVisible = replacer(spans);
  return (piece) => {
    let out = '';
    let at = 0;
    for (const token of tokens(piece)) {
      if (token.type === 'text') out += rewriteVisible(token.text);
      // Next to a mark, or to nothing, what breaks off may become whole and take text for its own, or show it.
      else if (spans.length === 0 || !breaksOff(token)) out += redactHidden(piece.slice(at, token.end), token, rules);
      at = token.end;
    }
    return out;
  };
}

function breaksOff(token: Token): boolean {
  if (token.type === 'escape')
    return token.code === '' || (token.code.length === 1 && stringIntroducers.has(token.code));
  return token.type === 'csi' && token.final === '';
}

/** Alone they stand for a control string without an end. */
const stringIntroducers = new Set(']P_^Xk');

/** Goes through a text part by part and leaves out the spans, with a mark where each begins. */
function replacer(spans: readonly Span[]): (part: string) => string {
  let position = 0;
  let next = 0;
  return (part) => {
    const start = position;
    const end = start + part.length;
    let out = '';
    for (; next < spans.length; next++) {
      const { from, to } = spans[next] as Span;
      if (from >= end) break;
      out += part.slice(position - start, Math.max(position, from) - start);
      if (from >= position) out += mark;
      position = Math.min(to, end);
      if (to > end) break;
    }
    out += part.slice(position - start);
    position = end;
    return out;
  };
}

/** A control sequence; its text, where it has one, stands right before its terminator. */
function redactHidden(sequence: string, token: Token, rules: Rules): string {
  if (token.type !== 'link' && token.type !== 'string') return sequence;
  const body = token.type === 'link' ? `${token.params};${token.uri}` : token.text;
  const spans = spansIn(body, rules);
  if (spans.length === 0) return sequence;
  const at = sequence.lastIndexOf(body);
  return sequence.slice(0, at) + replacer(spans)(body) + sequence.slice(at + body.length);
}
