/** What a place of the log is worth on the scroll bar; later ones are drawn over earlier ones. */
export type TickKind = 'warn' | 'error' | 'hit' | 'mark';

export interface Ticks {
  kind: TickKind;
  ids: readonly number[];
}

/** A picture of the whole log along the scroll bar: where it says what is wrong, and where something was found. */
export interface Minimap {
  /** @param share of the track that stands for the log: that of the view which it fills */
  show(ticks: readonly Ticks[], first: number, last: number, share: number): void;
}

const tickPx = 2;
const variables: Record<TickKind, string> = {
  warn: '--warning',
  error: '--failure',
  hit: '--current-hit',
  mark: '--accent',
};

/** Draws into a scroll bar's track. */
export function createMinimap(track: HTMLElement): Minimap {
  const canvas = document.createElement('canvas');
  canvas.className = 'minimap';
  canvas.dataset.part = 'minimap';
  canvas.setAttribute('aria-hidden', 'true');
  track.prepend(canvas);
  let shown = { ticks: [] as readonly Ticks[], first: 1, last: 0, share: 1 };
  let request = 0;

  function draw(): void {
    request = 0;
    const { ticks, first, last, share } = shown;
    const context = canvas.getContext('2d');
    if (!context) return;
    const scale = devicePixelRatio;
    const [width, height] = [track.clientWidth, track.clientHeight];
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const style = getComputedStyle(track);
    for (const { kind, ids } of ticks) {
      context.fillStyle = resolved(style, variables[kind]);
      // A thousand warnings leave the thumb to be seen.
      const left = kind === 'warn' || kind === 'error' ? width / 2 : 2;
      let before = -1;
      for (const id of ids) {
        const y = Math.round(((id - first) / Math.max(1, last - first)) * (height * share - tickPx));
        if (y !== before) context.fillRect(left * scale, y * scale, (width - 2 - left) * scale, tickPx * scale);
        before = y;
      }
    }
    canvas.dataset.ticks = String(ticks.reduce((sum, { ids }) => sum + ids.length, 0));
  }

  /** A variable may hold `light-dark()`, which a canvas does not know: the browser says what it is here. */
  function resolved(style: CSSStyleDeclaration, name: string): string {
    canvas.style.color = `var(${name})`;
    return getComputedStyle(canvas).color || style.color;
  }

  function schedule(): void {
    request = request || requestAnimationFrame(draw);
  }

  new ResizeObserver(schedule).observe(track);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', schedule);
  const colors = { attributeFilter: ['data-theme', 'data-contrast', 'style'] };
  new MutationObserver(schedule).observe(document.documentElement, colors);

  return {
    show(ticks, first, last, share) {
      const isSame = ticks === shown.ticks && first === shown.first && last === shown.last && share === shown.share;
      shown = { ticks, first, last, share };
      if (!isSame) schedule();
    },
  };
}
