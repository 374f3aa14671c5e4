import type { Tone } from '../status-words.ts';

const colors: Record<Tone, string> = { running: '#3b82f6', success: '#22a355', failure: '#e5484d', quiet: '#8b8d98' };

const marks: Record<Tone, string> = {
  running: '<path d="M5 6l3 2.5L5 11M9 11h3" />',
  success: '<path d="M4.5 8.5l2.5 2.5 4.5-5.5" />',
  failure: '<path d="M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6" />',
  quiet: '<path d="M5 8h6" />',
};

/** Shows in the browser's tab how the log stands. */
export function showFavicon(tone: Tone): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (link && link.dataset.tone !== tone) {
    link.dataset.tone = tone;
    link.type = 'image/svg+xml';
    link.href = faviconUrl(tone);
  }
}

export function faviconUrl(tone: Tone): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="${colors[tone]}"/><g fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">${marks[tone]}</g></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
