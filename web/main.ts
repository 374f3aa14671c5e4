/*
 * What a log's document carries of its script. The rest is begun once the document's lines are on the screen, and comes
 * meanwhile.
 */

if (document.querySelector('.newest .row')?.getClientRects().length) void painted().then(start, start);
else void start();

/** A network that hiccups is asked again, ever more patiently. */
async function start(): Promise<void> {
  const note = document.getElementById('not-started');
  let before: unknown;
  let isServed = false;
  for (let waitMs = 500; ; waitMs = Math.min(2 * waitMs, 10_000)) {
    try {
      await import('./start.ts');
      if (note) note.hidden = true;
      return;
    } catch (error) {
      console.warn(error);
      if (note) note.hidden = false;
      // That a script did not come is a new error each time; what is wrong with one that came is the same, for ever.
      if (error === before || (isServed && !reload())) return note?.querySelector('span')?.remove();
      before = error;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      isServed = await isScriptServed();
    }
  }
}

/** Asks past what the browser may have kept of a failure, and has it keep the script. */
async function isScriptServed(): Promise<boolean> {
  try {
    const { href } = document.querySelector('link[as=script]') as HTMLLinkElement;
    const response = await fetch(href, { cache: 'reload' });
    await response.text();
    return response.ok;
  } catch {
    return false;
  }
}

/**
 * Many browsers don't ask again for a script that did not come until the document is another one. This makes it so at
 * most once a minute, as it may not help; returns false where it can't remember when it did.
 */
function reload(): boolean {
  const key = `sse-tail:reloaded:${location.pathname}${location.search}`;
  try {
    if (Math.abs(Date.now() - Number(sessionStorage.getItem(key))) > 60_000) {
      sessionStorage.setItem(key, String(Date.now()));
      location.reload();
    }
    return true;
  } catch {
    return false;
  }
}

/**
 * Resolves once the document's lines are on the screen: a frame that is only begun shares the processor with what draws
 * it. Where nobody sees the page, none is drawn.
 */
function painted(): Promise<void> {
  return new Promise((resolve) => {
    // Also where a reader's settings take away what follows.
    setTimeout(resolve, document.hidden ? 0 : 500);
    new PerformanceObserver((paints) => {
      if (paints.getEntriesByName('first-contentful-paint').length > 0) resolve();
    }).observe({ type: 'paint', buffered: true });
  });
}
