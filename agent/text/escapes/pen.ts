import { linkSequence } from './link.ts';
import { applySgr, defaultStyle, type Style, sgrText } from './sgr.ts';

/**
 * The style and the link in force somewhere in a text, with the bytes that set them. A text uses few styles again and
 * again, so pens remember what an SGR led to: a colored line then costs a lookup per sequence and no string.
 */
export interface Pen {
  readonly style: Style;
  /** What stands after `OSC 8 ;`; empty for no link. */
  readonly link: string;
  /** Sets style and link on top of none; empty where nothing is in force. */
  readonly prefix: Buffer;
  readonly next: Map<number | string, Pen>;
  readonly box: PenBox;
}

/**
 * The pens of one text. They are forgotten all at once when they are many, so that a text of a million colors can't
 * fill the memory.
 */
export class PenBox {
  readonly plain: Pen;
  private readonly pens = new Map<string, Pen>();
  private steps = 0;

  private readonly maxLinkBytes: number;

  /** @param maxLinkBytes longer links end with their line */
  constructor(maxLinkBytes = Number.POSITIVE_INFINITY) {
    this.maxLinkBytes = maxLinkBytes;
    this.plain = this.make(defaultStyle, '');
  }

  penFor(style: Style, fullLink = ''): Pen {
    const link = fullLink.length * 3 > this.maxLinkBytes ? '' : fullLink;
    if (style === defaultStyle && link === '') return this.plain;
    const text = sgrText(style) + (link === '' ? '' : linkSequence(link));
    if (text === '') return this.plain;
    const known = this.pens.get(text);
    if (known) return known;
    if (this.pens.size >= mostPens) this.forget();
    const pen = this.make(style, link, text);
    // Addresses hardly ever come back.
    if (link === '') this.pens.set(text, pen);
    return pen;
  }

  /** The pen after the SGR whose parameters are `bytes[start, end)`: digits, `;` and `:`. */
  afterSgr(pen: Pen, bytes: Buffer, start: number, end: number): Pen {
    const isReset = end === start || (end === start + 1 && bytes[start] === 0x30);
    if (isReset && pen.link === '') return this.plain;
    const key = keyOf(bytes, start, end);
    return pen.next.get(key) ?? this.learn(pen, key, bytes.toString('latin1', start, end));
  }

  private learn(pen: Pen, key: number | string, params: string): Pen {
    const next = this.penFor(applySgr(pen.style, params), pen.link);
    if (params.length > 64) return next;
    if (this.steps >= mostPens) this.forget();
    this.steps++;
    pen.next.set(key, next);
    return next;
  }

  private forget(): void {
    for (const pen of this.pens.values()) pen.next.clear();
    this.pens.clear();
    this.plain.next.clear();
    this.steps = 0;
  }

  private make(style: Style, link: string, text = ''): Pen {
    return { style, link, prefix: Buffer.from(text), next: new Map(), box: this };
  }
}

/** Pens and steps remembered at most. */
const mostPens = 4096;

/** Parameters have twelve different bytes, so eight of them fit a small integer. */
function keyOf(bytes: Buffer, start: number, end: number): number | string {
  if (end - start > 8) return bytes.toString('latin1', start, end);
  let key = 0;
  for (let at = start; at < end; at++) key = key * 13 + (bytes[at] as number) - 0x2f;
  return key;
}
