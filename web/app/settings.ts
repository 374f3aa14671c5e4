import { type PaletteName, paletteNames } from '../../agent/text/color/palettes.ts';
import { type TimeStyle, timeStyles } from '../text/times.ts';

/** What the reader chose; kept in the browser. */
export interface Settings {
  wrap: boolean;
  numbers: boolean;
  times: boolean;
  timeStyle: TimeStyle;
  /** The time that lines say they are from, where they do; or when they arrived. */
  timeFrom: 'line' | 'arrival';
  sources: boolean;
  levels: boolean;
  theme: 'auto' | 'light' | 'dark';
  highContrast: boolean;
  palette: PaletteName;
  /** CSS pixels. */
  fontSize: number;
  density: 'compact' | 'normal' | 'relaxed';
  tabWidth: number;
  /** Lines that say the same one after the other become one. */
  repeats: 'off' | 'equal' | 'numbers';
  /** A notification says that the log has ended, where the reader looks elsewhere. */
  notify: boolean;
  /** The same for lines that hold this; empty for none. */
  notifyText: string;
  /** Stack traces and other records of several lines. */
  records: 'open' | 'folded';
  /** Seconds without a line that are shown between two; 0: none are. */
  pauses: number;
  /** Lines of JSON and logfmt are shown as their fields. */
  fields: 'auto' | 'off';
}

const fontSizes = { min: 9, max: 24 } as const;

/** What each choice can be; the first one where nothing, or something else, is stored. */
export const choices = {
  timeStyle: timeStyles,
  timeFrom: ['line', 'arrival'],
  theme: ['auto', 'light', 'dark'],
  palette: paletteNames,
  density: ['normal', 'compact', 'relaxed'],
  repeats: ['equal', 'numbers', 'off'],
  fields: ['auto', 'off'],
  records: ['open', 'folded'],
} as const;

export const tabWidths = [8, 4, 2] as const;
export const pauseSeconds = [30, 1, 5, 60, 600, 0] as const;

const key = 'sse-tail:settings';
const listed = { ...choices, tabWidth: tabWidths, pauses: pauseSeconds };
const usual = {
  ...Object.fromEntries(Object.entries(listed).map(([name, [first]]) => [name, first])),
  wrap: false,
  numbers: true,
  times: false,
  sources: true,
  levels: false,
  highContrast: false,
  fontSize: 13,
  notify: false,
  notifyText: '',
} as Settings;
/** Below this width hardly a line fits, and lines are wrapped unless the reader said otherwise. */
const narrow = '(max-width: 640px)';

export function loadSettings(): Settings {
  return parseSettings(stored(), {
    ...usual,
    wrap: matchMedia(narrow).matches,
    highContrast: matchMedia('(prefers-contrast: more)').matches,
    fontSize: clampFontSize((usual.fontSize * browsersFontSize()) / usualBrowsersFontSize),
  });
}

const usualBrowsersFontSize = 16;

/** What the reader has set in the browser, in pixels: no style sheet sizes the root. */
function browsersFontSize(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || usualBrowsersFontSize;
}

function stored(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    // Storage may be forbidden (private windows, embedded pages).
    return null;
  }
}

/** Keeps what the reader chose: what is only a default may be another one elsewhere, and other tabs choose as well. */
export function saveSettings(chosen: Partial<Settings>): void {
  try {
    localStorage.setItem(key, JSON.stringify({ ...parseObject(stored()), ...chosen }));
  } catch {
    // As above: then they hold until the page is closed.
  }
}

const longestNotifyText = 200;

/** Settings from stored text; what is missing or malformed is at its default. */
export function parseSettings(text: string | null, defaults: Settings): Settings {
  const chosen = Object.fromEntries(Object.entries(parseObject(text)).filter(isSetting)) as Partial<Settings>;
  const settings = { ...defaults, ...chosen };
  const { fontSize, notifyText } = settings;
  return { ...settings, fontSize: clampFontSize(fontSize), notifyText: notifyText.slice(0, longestNotifyText) };
}

function isSetting([name, value]: [string, unknown]): boolean {
  if (!Object.hasOwn(usual, name)) return false;
  const known: Readonly<Record<string, readonly unknown[]>> = listed;
  return known[name]?.includes(value) ?? typeof value === typeof usual[name as keyof Settings];
}

/** Calls with the settings of this browser whenever another tab has changed them. */
export function followSettings(changed: (settings: Settings) => void): void {
  window.addEventListener('storage', (event) => {
    // Without a key all that was stored is gone.
    if (event.key === key || event.key === null) changed(loadSettings());
  });
}

export function clampFontSize(size: number): number {
  return Math.max(fontSizes.min, Math.min(fontSizes.max, Math.round(size) || usual.fontSize));
}

const lineHeights = { compact: 1.25, normal: 1.5, relaxed: 1.8 } as const;

/** Attributes and variables of the document, so that the style sheet decides what they mean. */
export function applySettings(settings: Settings, root: HTMLElement): void {
  const { theme, highContrast, fontSize, density, tabWidth, numbers, levels } = settings;
  root.dataset.theme = theme;
  root.dataset.contrast = highContrast ? 'high' : 'normal';
  root.dataset.numbers = String(numbers);
  root.dataset.levels = String(levels);
  root.style.setProperty('--font-size', `${fontSize}px`);
  root.style.setProperty('--line-height', String(lineHeights[density]));
  root.style.setProperty('--tab', String(tabWidth));
}

function parseObject(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
