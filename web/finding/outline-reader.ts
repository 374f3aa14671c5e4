import type { Outline } from '../../agent/words/finding.ts';

export interface OutlineReader {
  /** The log has grown, ended, or is another one. */
  changed(): void;
  startOver(): void;
}

export interface OutlineReaderOptions {
  extent(): { first: number; last: number };
  isVisible(): boolean;
  ask(signal: AbortSignal): Promise<Outline>;
  took(outline: Outline): void;
}

/** While a log is written, its outline is asked for no more often than this. */
const everyMs = 2000;
const retryMs = 5000;
const patienceMs = 30_000;

/** Keeps the outline up to date, as long as somebody looks. */
export function createOutlineReader({ extent, isVisible, ask: askFor, took }: OutlineReaderOptions): OutlineReader {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let notBefore = 0;
  let asking: AbortController | undefined;
  /** Ids of the lines that the last answer was about. */
  let known: readonly [from: number, to: number] = [1, 0];

  function schedule(): void {
    if (timer || asking) return;
    timer = setTimeout(() => void ask(), Math.max(0, notBefore - Date.now()));
  }

  async function ask(): Promise<void> {
    timer = undefined;
    if (!isVisible()) return;
    const controller = new AbortController();
    asking = controller;
    let waitMs = everyMs;
    try {
      const outline = await askFor(eitherOf(controller.signal, AbortSignal.timeout(patienceMs)));
      if (controller.signal.aborted) return;
      known = outline.known;
      took(outline);
    } catch {
      if (controller.signal.aborted) return;
      waitMs = retryMs;
    } finally {
      if (asking === controller) asking = undefined;
    }
    notBefore = Date.now() + waitMs;
    if (isBehind()) schedule();
  }

  function isBehind(): boolean {
    const { first, last } = extent();
    return known[1] < last || known[0] > first;
  }

  return {
    changed() {
      if (isBehind()) schedule();
    },
    startOver() {
      asking?.abort();
      asking = undefined;
      known = [1, 0];
      notBefore = 0;
      schedule();
    },
  };
}

/** `AbortSignal.any` is younger than some browsers. */
function eitherOf(...signals: AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  for (const signal of signals) signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
  return controller.signal;
}
