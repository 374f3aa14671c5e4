/** Whether the page's font draws a character in so many columns. */
export function fits(character: string, columns: number): boolean {
  return widthIn(character) === columns;
}

/** Widths in columns as the font has them; bounded, and forgotten where the font may be another one. */
const widths = new Map<string, number>();
const mostWidths = 4000;
const measuredPx = 100;
let context: CanvasRenderingContext2D | undefined;
let columnWidth = 0;

function widthIn(text: string): number {
  const known = widths.get(text);
  if (known !== undefined) return known;
  if (widths.size >= mostWidths) widths.clear();
  const width = measured(text) / columnWidth;
  const whole = Math.abs(width - Math.round(width)) < 0.01 ? Math.round(width) : width;
  widths.set(text, whole);
  return whole;
}

function measured(text: string): number {
  if (!context) {
    context = document.createElement('canvas').getContext('2d') ?? undefined;
    if (!context) return 0;
    context.font = `${measuredPx}px ${getComputedStyle(document.documentElement).getPropertyValue('--mono')}`;
    columnWidth = context.measureText('0').width;
  }
  return context.measureText(text).width;
}
