import type { TaskProgress } from '../../../agent/words/wire.ts';
import type { Tone } from '../status-words.ts';

const colors: Record<Tone, string> = { running: '#3b82f6', success: '#22a355', failure: '#e5484d', quiet: '#8b8d98' };

const marks: Record<Tone, string> = {
  running: '<path d="M5 6l3 2.5L5 11M9 11h3" />',
  success: '<path d="M4.5 8.5l2.5 2.5 4.5-5.5" />',
  failure: '<path d="M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6" />',
  quiet: '<path d="M5 8h6" />',
};

/** Shows in the browser's tab how the log stands, and how far its program is while it says so. */
export function showFavicon(tone: Tone, progress?: TaskProgress): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  const look = `${tone} ${progress?.state} ${Math.round(progress?.percent ?? -1)}`;
  if (link && link.dataset.look !== look) {
    link.dataset.look = look;
    link.type = 'image/svg+xml';
    link.href = faviconUrl(tone, progress);
  }
}

export function faviconUrl(tone: Tone, progress?: TaskProgress): string {
  const picture =
    progress?.percent === undefined ? signOf(tone) : ringOf(progress.percent, progressColors[progress.state]);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${picture}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

function signOf(tone: Tone): string {
  return `<rect width="16" height="16" rx="4" fill="${colors[tone]}"/><g fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">${marks[tone]}</g>`;
}

const progressColors: Record<TaskProgress['state'], string> = {
  normal: colors.running,
  indeterminate: colors.running,
  error: colors.failure,
  paused: '#d9a520',
};

/** A ring that closes clockwise from the top. */
function ringOf(percent: number, color: string): string {
  const circle = (attributes: string) =>
    `<circle cx="8" cy="8" r="5.5" fill="none" stroke-width="4" transform="rotate(-90 8 8)" ${attributes}/>`;
  const share = Math.max(0, Math.min(100, percent));
  return `${circle('stroke="#8b8d98" stroke-opacity=".35"')}${circle(`stroke="${color}" pathLength="100" stroke-dasharray="${share} 100"`)}`;
}
