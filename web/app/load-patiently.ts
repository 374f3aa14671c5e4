import { isOutdated } from '../stream/outdated.ts';

const reloadMs = 2000;

/** Shared, as all scripts come from the same agent: it is asked once for all that wait. */
let nextTry: Promise<void> | undefined;
/** Whether the agent answered once a script had not come: if it is not there then, the browser does not ask for it. */
let hasAnswered = false;

/**
 * Loads what the first lines do without. The agent may be gone just then; and one that was updated meanwhile has other
 * scripts, with its own page. Many browsers don't ask again for a script that did not come until the document is
 * another one (https://github.com/whatwg/html/issues/6768).
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
  if (!wasReloaded()) {
    const isOld = await isOutdated();
    if (isOld || (hasAnswered && isOld === false)) location.reload();
    hasAnswered = isOld === false;
  }
  await new Promise((resolve) => setTimeout(resolve, reloadMs));
  nextTry = undefined;
}
