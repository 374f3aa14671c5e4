import type { List } from './list.ts';

/** What a wheel or a trackpad says, in pixels. */
const notchPx = 50;
/** Part of the way left that a gliding notch goes in each frame of a 60 Hz display. */
const glide = 0.3;
const frameMs = 1000 / 60;
/** How fast a flick of the finger comes to rest: the time in which its speed falls to a third. */
const flickMs = 325;
const slowestFlick = 0.02;
const velocityWindowMs = 80;

/** Wheel, trackpad and touch scroll the list by pixels. */
export function takeGestures(list: List): void {
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  let motion: ((elapsedMs: number) => boolean) | undefined;
  let request = 0;
  let lastFrameAt = 0;

  function animate(step: (elapsedMs: number) => boolean): void {
    motion = step;
    if (request) return;
    lastFrameAt = performance.now();
    request = requestAnimationFrame(tick);
  }

  function tick(time: number): void {
    request = 0;
    const elapsedMs = Math.max(0, time - lastFrameAt);
    lastFrameAt = time;
    if (motion?.(elapsedMs)) request = requestAnimationFrame(tick);
    else motion = undefined;
  }

  list.onJump = () => {
    motion = undefined;
  };

  let wayLeft = 0;

  function glideBy(pixels: number): void {
    wayLeft = motion && Math.sign(wayLeft) === Math.sign(pixels) ? wayLeft + pixels : pixels;
    animate((elapsedMs) => {
      const part = 1 - (1 - glide) ** (elapsedMs / frameMs);
      const step = Math.abs(wayLeft) < 2 ? wayLeft : wayLeft * part;
      list.scrollBy(step);
      wayLeft -= step;
      return Math.abs(wayLeft) > 0;
    });
  }

  list.scroller.addEventListener(
    'wheel',
    (event) => {
      // Zooming and sideways scrolling stay the browser's.
      if (event.ctrlKey || event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return;
      event.preventDefault();
      const unit = [1, list.rowHeight, list.viewHeight][event.deltaMode] ?? 1;
      const pixels = event.deltaY * unit;
      const isNotch = event.deltaMode !== 0 || (Math.abs(pixels) >= notchPx && event.deltaX === 0);
      if (isNotch && !calm.matches) {
        // Up must count at once: following would otherwise move on before the glide has begun.
        if (list.following && pixels < 0) list.scrollBy(-1);
        glideBy(pixels);
      } else {
        motion = undefined;
        list.scrollBy(pixels);
      }
    },
    { passive: false },
  );

  let touch: { id: number; y: number } | undefined;
  let moves: { at: number; pixels: number }[] = [];

  list.scroller.addEventListener('touchstart', (event) => {
    motion = undefined;
    const [finger] = event.changedTouches;
    touch = finger && event.touches.length === 1 ? { id: finger.identifier, y: finger.clientY } : undefined;
    moves = [];
  });
  list.scroller.addEventListener('touchmove', (event) => {
    const finger = [...event.changedTouches].find(({ identifier }) => identifier === touch?.id);
    if (!touch || !finger) return;
    const pixels = touch.y - finger.clientY;
    touch.y = finger.clientY;
    moves.push({ at: event.timeStamp, pixels });
    list.scrollBy(pixels);
  });
  list.scroller.addEventListener('touchend', (event) => {
    if (![...event.changedTouches].some(({ identifier }) => identifier === touch?.id)) return;
    touch = undefined;
    const recent = moves.filter(({ at }) => event.timeStamp - at < velocityWindowMs);
    const first = recent[0];
    if (!first || calm.matches) return;
    let speed = recent.reduce((sum, { pixels }) => sum + pixels, 0) / Math.max(frameMs, event.timeStamp - first.at);
    animate((elapsedMs) => {
      list.scrollBy(speed * elapsedMs);
      speed *= Math.exp(-elapsedMs / flickMs);
      return Math.abs(speed) > slowestFlick;
    });
  });
  list.scroller.addEventListener('touchcancel', () => {
    touch = undefined;
  });
}
