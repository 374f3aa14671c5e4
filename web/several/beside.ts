import { logUrl } from '../app/address.ts';
import { type Frame, frameUrl } from './frame.ts';

const titleMs = 1000;

/** Shows this log and another one side by side: each is a page of its own, in a frame. */
export function showBeside(other: string): void {
  const own = decodeURIComponent(/\/logs\/([^/]+)\/$/.exec(location.pathname)?.[1] ?? '');
  const frames = [
    frameOf('./', { side: 'left', other }, location.hash),
    frameOf(logUrl(location.pathname, other), { side: 'right', other: own }, ''),
  ];
  document.documentElement.dataset.beside = '';
  document.body.replaceChildren(...frames);
  setInterval(() => {
    document.title = frames.map(({ contentDocument }) => contentDocument?.title ?? '').join(' | ');
  }, titleMs);
}

function frameOf(page: string, frame: Frame, hash: string): HTMLIFrameElement {
  const element = document.createElement('iframe');
  element.className = frame.side;
  element.title = frame.side;
  element.src = frameUrl(page, frame) + hash;
  return element;
}
