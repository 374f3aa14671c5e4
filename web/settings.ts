/** What the reader chose; kept in the browser. */
export interface Settings {
  wrap: boolean;
  times: boolean;
  theme: 'auto' | 'light' | 'dark';
  /** CSS pixels. */
  fontSize: number;
}

export const fontSizes = { min: 9, max: 24 } as const;

const key = 'sse-tail:settings';
const defaults: Settings = { wrap: false, times: false, theme: 'auto', fontSize: 13 };

export function loadSettings(): Settings {
  try {
    return parseSettings(localStorage.getItem(key));
  } catch {
    // Storage may be forbidden (private windows, embedded pages).
    return defaults;
  }
}

export function saveSettings(settings: Settings): void {
  try {
    localStorage.setItem(key, JSON.stringify(settings));
  } catch {
    // As above: then they hold until the page is closed.
  }
}

/** Settings from stored text; what is missing, malformed or out of range is at its default. */
export function parseSettings(stored: string | null): Settings {
  const given = parseObject(stored);
  return {
    wrap: typeof given.wrap === 'boolean' ? given.wrap : defaults.wrap,
    times: typeof given.times === 'boolean' ? given.times : defaults.times,
    theme: given.theme === 'light' || given.theme === 'dark' ? given.theme : defaults.theme,
    fontSize: typeof given.fontSize === 'number' ? clampFontSize(given.fontSize) : defaults.fontSize,
  };
}

export function clampFontSize(size: number): number {
  return Math.max(fontSizes.min, Math.min(fontSizes.max, Math.round(size) || defaults.fontSize));
}

/** Theme and size are attributes and variables of the document, so that the style sheet decides what they mean. */
export function applySettings(settings: Settings, root: HTMLElement): void {
  root.dataset.theme = settings.theme;
  root.style.setProperty('--font-size', `${settings.fontSize}px`);
}

function parseObject(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
