import { isOutdated } from '../stream/outdated.ts';

const reloadMs = 2000;

/** Shared, as all scripts come from the same agent: it is asked once for all that wait. */
let nextTry: Promise<void> | undefined;

/**
 * Loads what the first lines do without. The agent may be gone just then; and one that was updated meanwhile has other
 * scripts, with its own page.
 */
export async function loadPatiently<Loaded>(load: () => Promise<Loaded>): Promise<Loaded> {
  for (;;) {
    try {
      return await load();
    } catch {
      nextTry ??= waitForTry();
      await nextTry;
    }
  }
}

/** What did not help once is not done time and again: a proxy may keep the old page. */
function wasReloaded(): boolean {
  const [navigation] = performance.getEntriesByType('navigation');
  return (navigation as PerformanceNavigationTiming | undefined)?.type === 'reload';
}

async function waitForTry(): Promise<void> {
  if (!wasReloaded() && (await isOutdated())) location.reload();
  await new Promise((resolve) => setTimeout(resolve, reloadMs));
  nextTry = undefined;
}
