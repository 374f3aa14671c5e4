/*
 * What a log's document carries of its script. The rest is begun once the document's lines are on the screen, and comes
 * meanwhile.
 */

if (document.querySelector('.newest .row')?.getClientRects().length) void painted().then(start, start);
else void start();

/** A network that hiccups is asked again, ever more patiently. */
async function start(): Promise<void> {
  const note = document.getElementById('not-started');
  for (let waitMs = 500; ; waitMs = Math.min(2 * waitMs, 10_000)) {
    try {
      await import('./start.ts');
      if (note) note.hidden = true;
      return;
    } catch (error) {
      // Where it did come, this says what is wrong with it.
      console.warn(error);
      if (note) note.hidden = false;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
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
