import { logUrl } from '../app/address.ts';

type Side = 'left' | 'right';

/** Where this page stands when it shows one of two logs side by side: `?frame=left&other=<log id>`. */
export interface Frame {
  side: Side;
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

/**
 * The address of a log on one side of the page.
 * @param state what it shows of the log, as `frameState` has it
 */
export function frameUrl(page: string, { side, other }: Frame, state: string): string {
  return withState(`${page}?frame=${side}&other=${encodeURIComponent(other)}`, state);
}

export function isFrameSearch(search: string): boolean {
  return /^\?frame=/.test(search);
}

/** What a page in a frame shows of its log, by its address: `level=error#L5`. */
export function frameState({ search, hash }: Pick<Location, 'search' | 'hash'>): string {
  const isPlace = (pair: string) => /^(?:frame|other)=/.test(pair);
  const pairs = search.slice(1).split('&');
  return pairs.filter((pair) => pair !== '' && !isPlace(pair)).join('&') + hash;
}

/** What one side of the page of two logs shows, by that page's query. */
export function stateOfSide(side: Side, search: string): string {
  return new URLSearchParams(search).get(side) ?? '';
}

/** Where a link to another log leads: in a frame, to a page of both, on which the other side stays as it is. */
export function linkTo(logId: string): { href: string; target?: '_top' } {
  const frame = frameIn(location.search);
  if (!frame) return { href: logUrl(location.pathname, logId) };
  const { side, other } = frame;
  const state = otherState(side);
  const href = side === 'left' ? besideUrl(logId, other, { right: state }) : besideUrl(other, logId, { left: state });
  return { href, target: '_top' };
}

/** The other log alone, as it is shown beside this one. */
export function otherAlone({ side, other }: Frame): string {
  return withState(logUrl(location.pathname, other), otherState(side));
}

function otherState(side: Side): string {
  return stateOfSide(side === 'left' ? 'right' : 'left', parent.location.search);
}

/** Servers and proxies take URLs of 8 KiB. */
const longestStates = 6000;

/** The page of two logs; as a reader opens it where what they show of them would be too long for an address. */
export function besideUrl(left: string, right: string, states: Partial<Record<Side, string>> = {}): string {
  const pairs = Object.entries(states).flatMap(([side, state]) =>
    state ? [`&${side}=${encodeURIComponent(state)}`] : [],
  );
  const query = pairs.join('').length > longestStates ? '' : pairs.join('');
  return `${logUrl(location.pathname, left)}?beside=${encodeURIComponent(right)}${query}`;
}

function withState(url: string, state: string): string {
  if (state === '' || state.startsWith('#')) return url + state;
  return `${url}${url.includes('?') ? '&' : '?'}${state}`;
}
