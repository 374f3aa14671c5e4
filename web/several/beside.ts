import { logUrl, movedEvent } from '../app/address.ts';
import { besideUrl, type Frame, frameState, frameUrl, isFrameSearch, stateOfSide } from './frame.ts';

const titleMs = 1000;

/**
 * Shows this log and another one side by side: each is a page of its own, in a frame. What each shows (its filter, its
 * search, the line it marks) is kept in this page's address, so that it survives a reload and can be sent as a link.
 */
export function showBeside(other: string): void {
  const own = decodeURIComponent(/\/logs\/([^/]+)\/$/.exec(location.pathname)?.[1] ?? '');
  const left = stateOfSide('left', location.search) || location.hash;
  const frames = [
    frameOf('./', { side: 'left', other }, left),
    frameOf(logUrl(location.pathname, other), { side: 'right', other: own }, stateOfSide('right', location.search)),
  ] as const;
  document.documentElement.dataset.beside = '';
  document.body.replaceChildren(...frames);
  addEventListener(movedEvent, keepStates);
  setInterval(() => {
    document.title = frames.map(({ contentDocument }) => contentDocument?.title ?? '').join(' | ');
    keepStates();
  }, titleMs);

  /** Not before both pages are there, nor where a proxy's login is in a frame. */
  function keepStates(): void {
    const places = frames.map(({ contentDocument }) => contentDocument?.location);
    const [one, another] = places.map((place) => place && isFrameSearch(place.search) && frameState(place));
    if (typeof one !== 'string' || typeof another !== 'string') return;
    const address = besideUrl(own, other, { left: one, right: another });
    const kept = location.pathname + address.slice(address.indexOf('?'));
    if (kept !== location.pathname + location.search + location.hash) history.replaceState(null, '', kept);
  }
}

function frameOf(page: string, frame: Frame, state: string): HTMLIFrameElement {
  const element = document.createElement('iframe');
  element.className = frame.side;
  element.title = frame.side;
  element.src = frameUrl(page, frame, state);
  return element;
}
