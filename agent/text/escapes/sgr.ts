/** The terminal's own color, an entry of its palette (0 to 255; the first 16 are the theme's), or `#rrggbb`. */
export type Color = 'default' | number | `#${string}`;

/** How text is drawn: what SGR (`CSI … m`) sets. Never changed in place. */
export interface Style {
  readonly foreground: Color;
  readonly background: Color;
  readonly bold: boolean;
  readonly faint: boolean;
  readonly italic: boolean;
  readonly underline: Underline;
  readonly blink: boolean;
  readonly inverse: boolean;
  readonly conceal: boolean;
  readonly strike: boolean;
  readonly overline: boolean;
}

/** As `CSI 4:n m` has it: 0 none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed. */
export type Underline = 0 | 1 | 2 | 3 | 4 | 5;

export const defaultStyle: Style = Object.freeze({
  foreground: 'default',
  background: 'default',
  bold: false,
  faint: false,
  italic: false,
  underline: 0,
  blink: false,
  inverse: false,
  conceal: false,
  strike: false,
  overline: false,
});

/**
 * The style after `CSI params m`. Takes combined codes (`1;38;5;196`) and colon forms (`38:2::1:2:3`, `4:3`); what is
 * unknown or malformed changes nothing. Source: ECMA-48 8.3.117, ITU-T T.416 for colors, xterm's ctlseqs for 90-107,
 * kitty for `4:n` and 58/59.
 */
export function applySgr(style: Style, params: string): Style {
  if (params === '' || params === '0') return defaultStyle;
  const fields = params.split(';');
  let next: Draft = { ...style };
  for (let at = 0; at < fields.length; at++) {
    const field = fields[at] ?? '';
    if (field.includes(':')) {
      applyColonForm(next, field.split(':'));
      continue;
    }
    const code = numberOf(field);
    if (code === 0) {
      next = { ...defaultStyle };
    } else if (code === 38 || code === 48 || code === 58) {
      const color = colorOf(fields.slice(at + 1, at + 5));
      setColor(next, code, color.value);
      at += color.length;
    } else {
      applyCode(next, code);
    }
  }
  return next;
}

/**
 * SGR text that sets a style on top of the default one; empty for the default style. Its only colon form, the kind of
 * an underline, is a sequence of its own: terminals that know none leave out all of the sequence that has one.
 */
export function sgrText(style: Style): string {
  const codes: (number | string)[] = [];
  for (const [name, code] of attributeCodes) {
    if (style[name]) codes.push(code);
  }
  if (style.foreground !== 'default') codes.push(colorCode(style.foreground, 30));
  if (style.background !== 'default') codes.push(colorCode(style.background, 40));
  if (codes.length === 0) return '';
  const kind = style.underline > 1 ? `\x1b[4:${style.underline}m` : '';
  return `\x1b[${codes.join(';')}m${kind}`;
}

/** SGR text that leads from one style to another; empty when they are the same. */
export function sgrChange(from: Style, to: Style): string {
  if (sameStyle(from, to)) return '';
  return sameStyle(from, defaultStyle) ? sgrText(to) : `\x1b[0m${sgrText(to)}`;
}

export function sameStyle(a: Style, b: Style): boolean {
  return (
    a === b ||
    (a.foreground === b.foreground &&
      a.background === b.background &&
      attributeCodes.every(([name]) => a[name] === b[name]))
  );
}

type Draft = { -readonly [Name in keyof Style]: Style[Name] };
type Attribute = Exclude<keyof Style, 'foreground' | 'background'>;

const attributeCodes: readonly (readonly [Attribute, number])[] = [
  ['bold', 1],
  ['faint', 2],
  ['italic', 3],
  ['underline', 4],
  ['blink', 5],
  ['inverse', 7],
  ['conceal', 8],
  ['strike', 9],
  ['overline', 53],
];

function applyCode(style: Draft, code: number): void {
  if (code >= 30 && code <= 37) style.foreground = code - 30;
  else if (code >= 40 && code <= 47) style.background = code - 40;
  else if (code >= 90 && code <= 97) style.foreground = code - 90 + 8;
  else if (code >= 100 && code <= 107) style.background = code - 100 + 8;
  else applyAttribute(style, code);
}

function applyAttribute(style: Draft, code: number): void {
  switch (code) {
    case 1:
      style.bold = true;
      break;
    case 2:
      style.faint = true;
      break;
    case 3:
      style.italic = true;
      break;
    case 4:
      style.underline = 1;
      break;
    case 21: // double underline; only the Linux console of old took it for "not bold"
      style.underline = 2;
      break;
    case 5:
    case 6:
      style.blink = true;
      break;
    case 7:
      style.inverse = true;
      break;
    case 8:
      style.conceal = true;
      break;
    case 9:
      style.strike = true;
      break;
    case 22:
      style.bold = false;
      style.faint = false;
      break;
    case 23:
      style.italic = false;
      break;
    case 24:
      style.underline = 0;
      break;
    case 25:
      style.blink = false;
      break;
    case 27:
      style.inverse = false;
      break;
    case 28:
      style.conceal = false;
      break;
    case 29:
      style.strike = false;
      break;
    case 39:
      style.foreground = 'default';
      break;
    case 49:
      style.background = 'default';
      break;
    case 53:
      style.overline = true;
      break;
    case 55:
      style.overline = false;
      break;
  }
}

/** `38:5:n`, `38:2:r:g:b`, `38:2:space:r:g:b` and the same for 48 and 58; `4:n`. */
function applyColonForm(style: Draft, parts: string[]): void {
  const code = numberOf(parts[0] ?? '');
  if (code === 4) {
    const kind = numberOf(parts[1] ?? '');
    if (kind >= 0 && kind <= 5) style.underline = kind as Underline;
  } else if (code === 38 || code === 48) {
    const [mode = '', ...values] = parts.slice(1, 7);
    if (mode === '2' && values.length > 3) values.shift();
    setColor(style, code, colorOf([mode, ...values]).value);
  }
}

/** The color that stands after a 38, 48 or 58, and how many fields it takes. */
function colorOf(fields: string[]): { value: Color | undefined; length: number } {
  const [mode, ...values] = fields.map(numberOf);
  const [red = -1, green = -1, blue = -1] = values;
  if (mode === 5) return { value: isByte(red) ? red : undefined, length: 2 };
  if (mode !== 2) return { value: undefined, length: 1 };
  const isRgb = isByte(red) && isByte(green) && isByte(blue);
  return { value: isRgb ? `#${hex(red)}${hex(green)}${hex(blue)}` : undefined, length: 4 };
}

function setColor(style: Draft, code: number, color: Color | undefined): void {
  if (color === undefined) return;
  if (code === 38) style.foreground = color;
  else if (code === 48) style.background = color;
}

function colorCode(color: number | `#${string}`, base: 30 | 40): number | string {
  if (typeof color === 'string') {
    const rgb = Number.parseInt(color.slice(1), 16);
    return `${base + 8};2;${rgb >> 16};${(rgb >> 8) & 255};${rgb & 255}`;
  }
  if (color < 8) return base + color;
  if (color < 16) return base + 60 + color - 8;
  return `${base + 8};5;${color}`;
}

/** An empty field counts as 0, as in every terminal; one that is no number gives NaN. */
function numberOf(field: string): number {
  if (field === '') return 0;
  return /^\d+$/.test(field) ? Number(field) : Number.NaN;
}

function isByte(value: number): boolean {
  return value >= 0 && value <= 255;
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}
