import { applySgr, defaultStyle, type Style, sgrText } from './sgr.ts';

/**
 * The style in force somewhere in a text, with the bytes that set it. A text uses few styles again and again, so pens
 * remember what an SGR led to: a coloured line then costs a lookup per sequence and no string.
 */
export interface Pen {
  readonly style: Style;
  /** SGR that sets the style on top of the default one; empty for the default style. */
  readonly prefix: Buffer;
  readonly next: Map<number | string, Pen>;
}

export function penFor(style: Style): Pen {
  const text = sgrText(style);
  const known = pens.get(text);
  if (known) return known;
  const pen: Pen = { style, prefix: Buffer.from(text), next: new Map() };
  if (pens.size < maxRemembered) pens.set(text, pen);
  return pen;
}

/** The pen after the SGR whose parameters are `bytes[start, end)`: digits, `;` and `:`. */
export function penAfterSgr(pen: Pen, bytes: Buffer, start: number, end: number): Pen {
  if (end === start || (end === start + 1 && bytes[start] === 0x30)) return defaultPen;
  const key = keyOf(bytes, start, end);
  return pen.next.get(key) ?? learn(pen, key, bytes.toString('latin1', start, end));
}

/** Pens and steps remembered at most, so that a text of a million colours can't fill the memory. */
const maxRemembered = 8192;
let remembered = 0;

const pens = new Map<string, Pen>();

export const defaultPen: Pen = penFor(defaultStyle);

function learn(pen: Pen, key: number | string, params: string): Pen {
  const next = penFor(applySgr(pen.style, params));
  if (params.length <= 64 && remembered < maxRemembered) {
    remembered++;
    pen.next.set(key, next);
  }
  return next;
}

/** Parameters have twelve different bytes, so eight of them fit a small integer. */
function keyOf(bytes: Buffer, start: number, end: number): number | string {
  if (end - start > 8) return bytes.toString('latin1', start, end);
  let key = 0;
  for (let at = start; at < end; at++) key = key * 13 + (bytes[at] as number) - 0x2f;
  return key;
}
