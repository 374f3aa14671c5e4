/** The palettes for a terminal's sixteen colors. */
export const paletteNames = ['standard', 'color-blind', 'solarized', 'xterm'] as const;
export type PaletteName = (typeof paletteNames)[number];
