import { type Token, tokens } from '../escapes/escapes.ts';
import { visibleText } from '../escapes/strip.ts';
import type { LinearRegExp } from '../linear-regexp.ts';
import type { LineReceiver } from '../splitter.ts';
import { createNeedles, type Findings, maskCommand, type Needles } from './needles.ts';
import { mergeSpans, type Span, spansOfPattern, spansOfValue } from './spans.ts';

/** Replaces secrets by `***`. What is secret can grow: lines `::add-mask::value` add to it. */
export interface Redactor {
  /** A text that is no line: a name, a notice. */
  text(text: string): string;
  /** A line that is not finished: also without what at its end may become a secret. */
  partial(text: string): string;
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
  /** The unfinished line as it may be shown. */
  partial(text: string): string;
  /** True while a piece of a long line is held back, because a secret may go on in the next piece. */
  readonly isHolding: boolean;
  /** Gives what is held back: no further piece comes. */
  end(): void;
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
/** So much of a secret at the end of an unfinished line is taken for one; less tells nobody anything. */
const tellingLength = 3;
/** A log written by strangers must not make the agent look for ever more. */
const mostMasks = 1000;

export function createRedactor({ values, patterns }: Secrets): Redactor {
  const rules = { needles: createNeedles(values.flatMap(formsOf)), patterns };
  return {
    text: (text) => redactPieces([text], rules)[0] as string,
    partial: (text) => redactPartial(text, rules),
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

interface Rules {
  needles: Needles;
  patterns: readonly LinearRegExp[];
}

class RedactedLines implements LineRedaction {
  private readonly rules: Rules;
  private readonly receiver: LineReceiver;
  private chunk: Buffer | undefined;
  private findings: Findings | undefined;
  private held: string | undefined;
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
    if (this.held === undefined && this.isClean(bytes, start, end, continued, inChunk)) {
      this.receiver.line(bytes, start, end, continued);
      return;
    }
    const given = bytes.toString('utf8', start, end);
    if (!continued) this.learn(given);
    let [before, text] = [this.held, given];
    if (before === undefined) [text] = redactPieces([text], this.rules) as [string];
    else [before, text] = redactPieces([before, text], this.rules) as [string, string];
    this.held = undefined;
    if (before !== undefined) this.give(before, true);
    if (continued && this.maybeGoesOn(given)) this.held = text;
    else if (text === given) this.receiver.line(bytes, start, end, continued);
    else this.give(text, continued);
  }

  plainLines(bytes: Buffer, start: number, end: number): void {
    const { inChunk } = this;
    inChunk.from = start;
    inChunk.to = end;
    if (this.held === undefined && this.receiver.lines && this.isClean(bytes, start, end, false, inChunk)) {
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
    return redactPartial(text, this.rules);
  }

  end(): void {
    if (this.held !== undefined) this.give(this.held, true);
    this.held = undefined;
  }

  private isClean(bytes: Buffer, start: number, end: number, continued: boolean, inChunk: ChunkSpan): boolean {
    const { needles, patterns } = this.rules;
    if (patterns.length > 0 || (continued && !needles.isEmpty)) return false;
    const { chunk, findings } = this;
    if (chunk && findings) {
      if (bytes === chunk) return findings.isClean(start, end);
      if (isCopy(bytes, start, end, chunk, inChunk)) return findings.isClean(inChunk.from, inChunk.to);
    }
    return needles.search(bytes.subarray(start, end)).isClean(0, end - start);
  }

  private learn(text: string): void {
    const escaped = maskedValue(visibleText(text));
    if (escaped === undefined) return;
    const { needles } = this.rules;
    const known = needles.values.length;
    for (const form of [...formsOf(escaped), ...formsOf(unescapeMask(escaped))]) {
      if (needles.values.length < mostMasks) needles.add(form);
    }
    if (needles.values.length > known && this.chunk) this.begin(this.chunk);
  }

  /** Whether a secret may begin in this piece of a line and go on in the next. */
  private maybeGoesOn(piece: string): boolean {
    const { needles, patterns } = this.rules;
    return patterns.length > 0 || beginningAtEnd(visibleText(piece), needles.values, 1) > 0;
  }

  private give(text: string, continued: boolean): void {
    const bytes = Buffer.from(text);
    this.receiver.line(bytes, 0, bytes.length, continued);
  }
}

/** Whether a line is `chunk[from, to)` without its line end, perhaps behind a color: not folded and not mended. */
function isCopy(bytes: Buffer, start: number, end: number, chunk: Buffer, { from, to }: ChunkSpan): boolean {
  if (from < 0) return false;
  let textEnd = to;
  while (textEnd > from && (chunk[textEnd - 1] === lf || chunk[textEnd - 1] === cr)) textEnd--;
  const length = textEnd - from;
  return length <= end - start && bytes.compare(chunk, from, textEnd, end - length, end) === 0;
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

/** How much of a text's end a value begins with, without being complete; 0 where that is less than `least`. */
function beginningAtEnd(text: string, values: readonly string[], least: number): number {
  let longest = 0;
  for (const value of values) {
    for (let length = Math.min(value.length - 1, text.length); length >= least && length > longest; length--) {
      if (text.endsWith(value.slice(0, length))) longest = length;
    }
  }
  return longest;
}

function spansIn(text: string, { needles, patterns }: Rules): Span[] {
  const spans: Span[] = [];
  for (const value of needles.values) for (const span of spansOfValue(text, value)) spans.push(span);
  for (const pattern of patterns) for (const span of spansOfPattern(text, pattern)) spans.push(span);
  return mergeSpans(spans);
}

function redactPartial(text: string, rules: Rules): string {
  const visible = visibleText(text);
  if (maskedValue(visible) !== undefined) return `${maskCommand}${mark}`;
  const spans = spansIn(visible, rules);
  const half = beginningAtEnd(visible, rules.needles.values, tellingLength);
  if (half > 0) spans.push({ from: visible.length - half, to: visible.length });
  return rewriter(mergeSpans(spans), rules)(text);
}

/** The pieces of one line. A secret that goes over their border is replaced where it begins. */
function redactPieces(pieces: readonly string[], rules: Rules): string[] {
  const visible = pieces.map(visibleText).join('');
  return pieces.map(rewriter(spansIn(visible, rules), rules));
}

/** Goes through the pieces of a line one after the other; `spans` are those of all that can be seen of them. */
function rewriter(spans: readonly Span[], rules: Rules): (piece: string) => string {
  const rewriteVisible = replacer(spans);
  return (piece) => {
    let out = '';
    let at = 0;
    for (const token of tokens(piece)) {
      if (token.type === 'text') out += rewriteVisible(token.text);
      // `*` would go on a sequence that breaks off, which then takes a letter of the text for its end.
      else if (spans.length === 0 || !breaksOff(token)) out += redactHidden(piece.slice(at, token.end), token, rules);
      at = token.end;
    }
    return out;
  };
}

function breaksOff(token: Token): boolean {
  return (token.type === 'escape' && token.code === '') || (token.type === 'csi' && token.final === '');
}

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
  const body = token.type === 'link' ? token.uri : token.text;
  const spans = spansIn(body, rules);
  if (spans.length === 0) return sequence;
  const at = sequence.lastIndexOf(body);
  return sequence.slice(0, at) + replacer(spans)(body) + sequence.slice(at + body.length);
}
