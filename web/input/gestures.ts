import type { List } from '../list/list.ts';

/** What a wheel or a trackpad says, in pixels. */
const notchPx = 50;
/** Part of the way left that a gliding notch goes in each frame of a 60 Hz display. */
const glide = 0.3;
const frameMs = 1000 / 60;
/** How fast a flick of the finger comes to rest: the time in which its speed falls to a third. */
const flickMs = 325;
const slowestFlick = 0.02;
const velocityWindowMs = 80;

/** Scrolls on after the gesture that began it: one motion at a time, driven by animation frames. */
interface Motion {
  readonly isUnderWay: boolean;
  /** `step` is called in each frame until it returns false. */
  start(step: (elapsedMs: number) => boolean): void;
  stop(): void;
}

/** Wheel, trackpad and touch scroll the list by pixels. */
export function takeGestures(list: List): void {
  const motion = createMotion();
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  list.jumped.add(motion.stop);
  takeWheel(list, motion, calm);
  takeTouches(list, motion, calm);
}

function createMotion(): Motion {
  let step: ((elapsedMs: number) => boolean) | undefined;
  let request = 0;
  let lastFrameAt = 0;

  function tick(time: number): void {
    request = 0;
    const elapsedMs = Math.max(0, time - lastFrameAt);
    lastFrameAt = time;
    if (step?.(elapsedMs)) request = requestAnimationFrame(tick);
    else step = undefined;
  }

  return {
    get isUnderWay() {
      return step !== undefined;
    },
    start(next) {
      step = next;
      if (request) return;
      lastFrameAt = performance.now();
      request = requestAnimationFrame(tick);
    },
    stop() {
      step = undefined;
    },
  };
}

function takeWheel(list: List, motion: Motion, calm: MediaQueryList): void {
  let wayLeft = 0;

  function glideBy(pixels: number): void {
    wayLeft = motion.isUnderWay && Math.sign(wayLeft) === Math.sign(pixels) ? wayLeft + pixels : pixels;
    motion.start((elapsedMs) => {
      const part = 1 - (1 - glide) ** (elapsedMs / frameMs);
      const step = Math.abs(wayLeft) < 2 ? wayLeft : wayLeft * part;
      list.scrollBy(step);
      wayLeft -= step;
      return Math.abs(wayLeft) > 0;
    });
  }

  function takeWheelEvent(event: WheelEvent): void {
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
      motion.stop();
      list.scrollBy(pixels);
    }
  }

  list.scroller.addEventListener('wheel', takeWheelEvent, { passive: false });
}

function takeTouches(list: List, motion: Motion, calm: MediaQueryList): void {
  let touch: { id: number; y: number } | undefined;
  let moves: { at: number; pixels: number }[] = [];

  function begin(event: TouchEvent): void {
    motion.stop();
    const [finger] = event.changedTouches;
    touch = finger && event.touches.length === 1 ? { id: finger.identifier, y: finger.clientY } : undefined;
    moves = [];
  }

  function move(event: TouchEvent): void {
    const finger = [...event.changedTouches].find(({ identifier }) => identifier === touch?.id);
    if (!touch || !finger) return;
    const pixels = touch.y - finger.clientY;
    touch.y = finger.clientY;
    moves.push({ at: event.timeStamp, pixels });
    list.scrollBy(pixels);
  }

  function end(event: TouchEvent): void {
    if (![...event.changedTouches].some(({ identifier }) => identifier === touch?.id)) return;
    touch = undefined;
    const recent = moves.filter(({ at }) => event.timeStamp - at < velocityWindowMs);
    const [first] = recent;
    if (!first || calm.matches) return;
    let speed = recent.reduce((sum, { pixels }) => sum + pixels, 0) / Math.max(frameMs, event.timeStamp - first.at);
    motion.start((elapsedMs) => {
      list.scrollBy(speed * elapsedMs);
      speed *= Math.exp(-elapsedMs / flickMs);
      return Math.abs(speed) > slowestFlick;
    });
  }

  list.scroller.addEventListener('touchstart', begin);
  list.scroller.addEventListener('touchmove', move);
  list.scroller.addEventListener('touchend', end);
  list.scroller.addEventListener('touchcancel', () => {
    touch = undefined;
  });
}
