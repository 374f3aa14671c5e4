/** What the reader chose; kept in the browser. */
export interface Settings {
  wrap: boolean;
  times: boolean;
  theme: 'auto' | 'light' | 'dark';
  /** CSS pixels. */
  fontSize: number;
}

const fontSizes = { min: 9, max: 24 } as const;

const key = 'sse-tail:settings';
const usual: Settings = { wrap: false, times: false, theme: 'auto', fontSize: 13 };
/** Below this width hardly a line fits, and lines are wrapped unless the reader said otherwise. */
const narrow = '(max-width: 640px)';

export function loadSettings(): Settings {
  return parseSettings(stored(), { ...usual, wrap: matchMedia(narrow).matches });
}

function stored(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    // Storage may be forbidden (private windows, embedded pages).
    return null;
  }
}

export function saveSettings(settings: Settings): void {
  try {
    localStorage.setItem(key, JSON.stringify(settings));
  } catch {
    // As above: then they hold until the page is closed.
  }
}

/** Settings from stored text; what is missing or malformed is at its default. */
export function parseSettings(text: string | null, defaults: Settings): Settings {
  const given = parseObject(text);
  return {
    wrap: typeof given.wrap === 'boolean' ? given.wrap : defaults.wrap,
    times: typeof given.times === 'boolean' ? given.times : defaults.times,
    theme: given.theme === 'light' || given.theme === 'dark' ? given.theme : defaults.theme,
    fontSize: typeof given.fontSize === 'number' ? clampFontSize(given.fontSize) : defaults.fontSize,
  };
}

export function clampFontSize(size: number): number {
  return Math.max(fontSizes.min, Math.min(fontSizes.max, Math.round(size) || usual.fontSize));
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
