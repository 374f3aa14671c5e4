import { isVisible } from './is-visible.ts';

const everyMs = 1000;

/** Says how many lines came since the tab was hidden, once a second where that is news; none once it shows. */
export function countUnread(last: () => number, show: (lines: number) => void): void {
  let timer: ReturnType<typeof setInterval> | undefined;
  document.addEventListener('visibilitychange', () => {
    clearInterval(timer);
    if (isVisible()) return show(0);
    const seen = last();
    timer = setInterval(() => show(Math.max(0, last() - seen)), everyMs);
  });
}
