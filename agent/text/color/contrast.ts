/** Contrast of colors as WCAG 2 defines it (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio). Colors are `#rrggbb`. */
export type Hex = `#${string}`;

/** 1 (none) to 21 (black and white). */
export function contrast(a: Hex, b: Hex): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

/**
 * The color itself where it is readable on each of these grounds; else the one next to it on the way to white or to
 * black, whichever is nearer.
 */
export function readable(color: Hex, grounds: readonly Hex[], ratio: number): Hex {
  if (isReadable(color, grounds, ratio)) return color;
  const candidates = [toward(color, '#ffffff', grounds, ratio), toward(color, '#000000', grounds, ratio)];
  const [nearest] = candidates.filter((one) => one !== undefined).sort((a, b) => a.share - b.share);
  return nearest?.color ?? mostReadable(grounds);
}

/** `share` of the way (0 to 1) from one color to another. */
export function mixed(from: Hex, to: Hex, share: number): Hex {
  const [a, b] = [channels(from), channels(to)];
  const channel = (at: number) => Math.round((a[at] ?? 0) + ((b[at] ?? 0) - (a[at] ?? 0)) * share);
  return hexOf([channel(0), channel(1), channel(2)]);
}

/** @param channels red, green and blue: 0 to 255 each */
export function hexOf(channels: readonly number[]): Hex {
  return `#${channels.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

const steps = 20;

function toward(
  color: Hex,
  end: Hex,
  grounds: readonly Hex[],
  ratio: number,
): { color: Hex; share: number } | undefined {
  for (let step = 1; step <= steps; step++) {
    const candidate = mixed(color, end, step / steps);
    if (isReadable(candidate, grounds, ratio)) return { color: candidate, share: step / steps };
  }
  return undefined;
}

function isReadable(color: Hex, grounds: readonly Hex[], ratio: number): boolean {
  return grounds.every((ground) => contrast(color, ground) >= ratio);
}

/** White or black. */
export function mostReadable(grounds: readonly Hex[]): Hex {
  const worst = (color: Hex) => Math.min(...grounds.map((ground) => contrast(color, ground)));
  return worst('#ffffff') > worst('#000000') ? '#ffffff' : '#000000';
}

function luminance(color: Hex): number {
  const [red, green, blue] = channels(color).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
}

/** Red, green and blue: 0 to 255 each. */
export function channels(color: Hex): number[] {
  const rgb = Number.parseInt(color.slice(1), 16);
  return [rgb >> 16, (rgb >> 8) & 255, rgb & 255];
}
