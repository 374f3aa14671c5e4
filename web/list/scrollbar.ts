import { count } from '../../agent/words/amounts.ts';
import { newElement } from '../text/element.ts';
import { listWords } from '../words.ts';

export interface ScrollbarOptions {
  /** Id of the element that it scrolls. */
  controls: string;
  /** The thumb was moved to this share (0 to 1) of its way. */
  dragged(share: number): void;
  /** So many pages down, up if negative. */
  paged(pages: number): void;
}

/** A scrollbar over ids: a browser's own can't count the pixels of ten million rows. */
export interface Scrollbar {
  readonly element: HTMLElement;
  /**
   * @param share How far along the way the view is, 0 to 1.
   * @param size The part of all rows that shows, 0 to 1.
   * @param id The first line that shows.
   */
  show(share: number, size: number, id: number): void;
}

const minThumbPx = 28;

export function createScrollbar({ controls, dragged, paged }: ScrollbarOptions): Scrollbar {
  const element = newElement('div', 'scrollbar');
  const thumb = newElement('div', 'thumb');
  const hint = newElement('div', 'hint');
  element.setAttribute('role', 'scrollbar');
  element.setAttribute('aria-controls', controls);
  element.ariaLabel = listWords.scrollbar;
  element.ariaOrientation = 'vertical';
  element.ariaValueMin = '0';
  element.ariaValueMax = '100';
  element.append(thumb, hint);

  let trackPx = 0;
  let thumbPx = minThumbPx;
  let shownAt = { share: 1, size: 1, id: 0 };
  let grab: { offset: number; share: number } | undefined;

  new ResizeObserver(() => {
    trackPx = element.clientHeight;
    show(shownAt.share, shownAt.size, shownAt.id);
  }).observe(element);

  function show(share: number, size: number, id: number): void {
    shownAt = { share, size, id };
    thumbPx = Math.max(minThumbPx, Math.min(1, size) * trackPx);
    // The thumb stays under the pointer that holds it, also where the log grows meanwhile.
    const at = (grab?.share ?? share) * (trackPx - thumbPx);
    element.classList.toggle('idle', size >= 1);
    thumb.style.height = `${thumbPx}px`;
    thumb.style.transform = `translateY(${at}px)`;
    element.ariaValueNow = String(Math.round(share * 100));
    if (!grab) return;
    hint.style.transform = `translateY(${at + thumbPx / 2}px) translateY(-50%)`;
    hint.textContent = count(id);
  }

  function moveTo(clientY: number): void {
    if (!grab) return;
    const way = Math.max(1, trackPx - thumbPx);
    const at = clientY - element.getBoundingClientRect().top - grab.offset;
    grab.share = Math.max(0, Math.min(1, at / way));
    dragged(grab.share);
  }

  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    const y = event.clientY - element.getBoundingClientRect().top;
    const thumbAt = shownAt.share * (trackPx - thumbPx);
    const isOnThumb = y >= thumbAt && y <= thumbAt + thumbPx;
    if (!isOnThumb && event.shiftKey) return paged(y < thumbAt ? -1 : 1);
    grab = { offset: isOnThumb ? y - thumbAt : thumbPx / 2, share: shownAt.share };
    element.setPointerCapture(event.pointerId);
    element.classList.add('dragging');
    if (!isOnThumb) moveTo(event.clientY);
  });
  element.addEventListener('pointermove', (event) => moveTo(event.clientY));
  for (const type of ['pointerup', 'pointercancel', 'lostpointercapture'] as const) {
    element.addEventListener(type, () => {
      grab = undefined;
      element.classList.remove('dragging');
      show(shownAt.share, shownAt.size, shownAt.id);
    });
  }

  return { element, show };
}
