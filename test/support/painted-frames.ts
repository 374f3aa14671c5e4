import type { Page } from 'playwright-core';

/** What a frame shows of the log. */
export interface PaintedFrame {
  /** Ids of the rows, in order. */
  ids: number[];
  /** Those of them whose lines have not come. */
  loading: number[];
}

interface Watched {
  paintedFrames: PaintedFrame[];
}

/**
 * Has each document of a page note what its frames show, one after the other, as far as it differs. A script looks too
 * early in a callback of its own, before the page draws in one: sizes are observed after all of them, right before it
 * is painted.
 */
export async function watchFrames(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const frames: PaintedFrame[] = [];
    Object.assign(globalThis, { paintedFrames: frames });
    const look = () => {
      const rows = [...document.querySelectorAll<HTMLElement>('.row[data-id]')].filter(
        (row) => row.getClientRects().length > 0,
      );
      const idsOf = (some: HTMLElement[]) => some.map(({ dataset }) => Number(dataset.id));
      const frame = { ids: idsOf(rows), loading: idsOf(rows.filter(({ classList }) => classList.contains('loading'))) };
      if (JSON.stringify(frame) !== JSON.stringify(frames.at(-1))) frames.push(frame);
    };
    const observer = new ResizeObserver(look);
    const each = () => {
      observer.disconnect();
      // What is observed anew is told of in this very frame.
      if (document.documentElement) observer.observe(document.documentElement);
      requestAnimationFrame(each);
    };
    each();
  });
}

/** What has been painted of the page's document until now. */
export const paintedFrames = (page: Page) => page.evaluate(() => (globalThis as unknown as Watched).paintedFrames);
