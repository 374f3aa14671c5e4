import { logUrl } from '../app/address.ts';

/** Where this page stands when it shows one of two logs side by side: `?frame=left&other=<log id>`. */
export interface Frame {
  side: 'left' | 'right';
  /** The log on the other side. */
  other: string;
}

/** Undefined where the page stands alone, whatever its address says. */
export function frameIn(search: string): Frame | undefined {
  if (window.top === window) return undefined;
  const parameters = new URLSearchParams(search);
  const side = parameters.get('frame');
  if (side !== 'left' && side !== 'right') return undefined;
  return { side, other: parameters.get('other') ?? '' };
}

/** The address of a log on one side of the page. */
export function frameUrl(page: string, { side, other }: Frame): string {
  return `${page}?frame=${side}&other=${encodeURIComponent(other)}`;
}

/** Where a link to another log leads: in a frame, to a page of both. */
export function linkTo(logId: string): { href: string; target?: '_top' } {
  const frame = frameIn(location.search);
  if (!frame) return { href: logUrl(location.pathname, logId) };
  const [left, right] = frame.side === 'left' ? [logId, frame.other] : [frame.other, logId];
  return { href: besideUrl(left, right), target: '_top' };
}

/** The page of two logs. */
export function besideUrl(left: string, right: string): string {
  return `${logUrl(location.pathname, left)}?beside=${encodeURIComponent(right)}`;
}
