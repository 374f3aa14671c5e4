/*
 * What a log's document carries of its script. The rest is begun once the document's lines are on the screen, and comes
 * meanwhile.
 */

if (document.querySelector('.newest .row')?.getClientRects().length) void painted().then(start, start);
else start();

function start(): void {
  void import('./start.ts');
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
