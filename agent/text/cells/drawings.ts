/**
 * Block and box characters as CSS backgrounds. Drawn by a font they end where its letters end, and rows are higher than
 * that: tables and QR codes would have a seam between all rows. `currentcolor` is the text's own color.
 */

/** CSS `background` for one character; undefined for one that the font draws. */
export function drawingOf(character: string): string | undefined {
  const given = character.codePointAt(0) ?? 0;
  const code = given === lineExtension ? 0x2500 : given;
  if (code < 0x2500 || code > 0x259f) return undefined;
  let drawing = drawings.get(code);
  if (drawing === undefined) {
    drawing = (code < 0x2580 ? boxOf(code) : blockOf(code)).join(',');
    drawings.set(code, drawing);
  }
  return drawing === '' ? undefined : drawing;
}

/** ⎯, which test runners rule lines with and few fonts of Linux have, is drawn as ─. */
const lineExtension = 0x23af;

/** At most the 160 characters that there are. */
const drawings = new Map<number, string>();

/** Whether many of them side by side are one wide one: what has no end to the left and right. */
export function isUniform(character: string): boolean {
  return uniform.test(character);
}

const uniform = /^[\u23af\u2500\u2501\u2550\u2580-\u2588\u2591-\u2594]/;

type Side = 'up' | 'right' | 'down' | 'left';
/** Lines from a box's middle to its sides: none, light, heavy or double. */
type Arms = Record<Side, number>;

/** U+2500 to U+257F, a byte each: two bits for up, right, down and left. 0 for what is dashed or slanted. */
const arms =
  '112244880000000000000000142418280506090a506090a04142818254649458' +
  '98a468a84546854989864a8a15162526191a292a515261629192a1a255566566' +
  '95599996a55a69a66a9aa9aa0000000033cc341c3c070d0f70d0f043c1c374dc' +
  'fc47cdcf371d3f73d1f377ddff14054150000000014010040280200821481284';

const [light, heavy, gap] = ['var(--light)', 'var(--heavy)', 'var(--gap)'];

function boxOf(code: number): string[] {
  const bits = Number.parseInt(arms.slice((code - 0x2500) * 2, (code - 0x2500) * 2 + 2), 16);
  const box: Arms = { up: bits >> 6, right: (bits >> 4) & 3, down: (bits >> 2) & 3, left: bits & 3 };
  if (code >= 0x256d && code <= 0x2570) return roundOf(box);
  return (['up', 'right', 'down', 'left'] as const).flatMap((side) => armOf(side, box));
}

/** A quarter of a circle from the middle of the right or left side, and a line from its end up or down. */
function roundOf({ right, down }: Arms): string[] {
  const center = `${right ? '100%' : '0'} ${down ? '100%' : '0'}`;
  const ring = `#0000 calc(.5ch - ${light}),currentcolor .5ch,#0000 calc(.5ch + ${light})`;
  return [
    `radial-gradient(circle at ${center},${ring}) 0 ${down ? '0' : '100%'}/100% calc(50% + .5ch) no-repeat`,
    line(down ? 'down' : 'up', light, '', '50% - .5ch'),
  ];
}

function armOf(side: Side, box: Arms): string[] {
  const weight = box[side];
  if (weight === 0) return [];
  if (weight < 3) return [line(side, weight === 1 ? light : heavy, '', reach(side, box, weight === 1 ? light : heavy))];
  // Each of the two lines ends at that line of a crossing pair which is on its own side.
  const [before, after] = side === 'up' || side === 'down' ? (['left', 'right'] as const) : (['up', 'down'] as const);
  return [
    line(side, light, ` - ${gap}`, `50% ${box[before] === 3 ? '-' : '+'} ${gap} + ${light} / 2`),
    line(side, light, ` + ${gap}`, `50% ${box[after] === 3 ? '-' : '+'} ${gap} + ${light} / 2`),
  ];
}

/** How far a single line goes beyond the middle: as far as the crossing line is thick. */
function reach(side: Side, box: Arms, own: string): string {
  const crossing = side === 'up' || side === 'down' ? [box.left, box.right] : [box.up, box.down];
  const thickest = Math.max(...crossing);
  if (thickest === 3) return Math.min(...crossing) === 0 || own === '' ? `50% + ${gap} + ${light} / 2` : `50% - ${gap}`;
  return `50% + ${thickest === 2 ? heavy : light} / 2`;
}

/**
 * A line from a side of the cell inwards. `shift` moves it away from the middle. It begins outside of the cell: where
 * that ends within a device's pixel there is no seam.
 */
function line(side: Side, thickness: string, shift: string, length: string): string {
  const across = shift === '' ? '50%' : `calc(50%${shift})`;
  const along = side === 'right' || side === 'down' ? 'calc(100% + 1px)' : '-1px';
  const isUpright = side === 'up' || side === 'down';
  const place = isUpright ? `${across} ${along}` : `${along} ${across}`;
  const size = isUpright ? `${thickness} calc(1px + ${length})` : `calc(1px + ${length}) ${thickness}`;
  return layer('currentcolor', place, size);
}

/** Left, top, width and height of filled parts, in eighths of the cell. */
type Part = readonly [left: number, top: number, width: number, height: number];

const upperLeft: Part = [0, 0, 4, 4];
const upperRight: Part = [4, 0, 4, 4];
const lowerLeft: Part = [0, 4, 4, 4];
const lowerRight: Part = [4, 4, 4, 4];

/** U+2596 to U+259F. */
const quadrants: readonly (readonly Part[])[] = [
  [lowerLeft],
  [lowerRight],
  [upperLeft],
  [upperLeft, lowerLeft, lowerRight],
  [upperLeft, lowerRight],
  [upperLeft, upperRight, lowerLeft],
  [upperLeft, upperRight, lowerRight],
  [upperRight],
  [upperRight, lowerLeft],
  [upperRight, lowerLeft, lowerRight],
];

function blockOf(code: number): string[] {
  if (code >= 0x2591 && code <= 0x2593) {
    const ink = `color-mix(in srgb, currentcolor ${(code - 0x2590) * 25}%, transparent)`;
    return [layer(ink, '0 0', '100% 100%')];
  }
  return partsOf(code).map(([left, top, width, height]) =>
    layer('currentcolor', `${place(left, width)} ${place(top, height)}`, `${width * 12.5}% ${height * 12.5}%`),
  );
}

function partsOf(code: number): readonly Part[] {
  if (code === 0x2580) return [[0, 0, 8, 4]];
  if (code <= 0x2588) return [[0, 0x2588 - code, 8, code - 0x2580]];
  if (code <= 0x258f) return [[0, 0, 0x2590 - code, 8]];
  if (code === 0x2590) return [[4, 0, 4, 8]];
  if (code === 0x2594) return [[0, 0, 8, 1]];
  if (code === 0x2595) return [[7, 0, 1, 8]];
  return quadrants[code - 0x2596] ?? [];
}

/** CSS places a background by the share of the room that is left beside it. */
function place(start: number, size: number): string {
  return size === 8 ? '0' : `${(start / (8 - size)) * 100}%`;
}

function layer(ink: string, place: string, size: string): string {
  return `linear-gradient(${ink},${ink}) ${place}/${size} no-repeat`;
}
