import type { BrowserContext } from 'playwright-core';
import { within } from './deadline.ts';

const contexts = new Set<BrowserContext>();

export function closeInTime(context: BrowserContext): void {
  contexts.add(context);
  context.once('close', () => contexts.delete(context));
}

/**
 * What closes, of all browsers, the pages that are opened from now on: one that is open draws, asks its agent, and
 * takes time from the next one.
 */
export function closerOfLaterPages(): () => Promise<void> {
  const earlier = new Set(contexts);
  return async () => {
    const later = [...contexts].filter((context) => !earlier.has(context));
    await within('the end of the pages', Promise.all(later.map((context) => context.close())));
  };
}
