import { useEffect, useMemo, useRef } from 'preact/hooks';
import { isFinished } from '../../agent/words/log.ts';
import { isVisible } from '../app/tab/is-visible.ts';
import type { ViewActions } from '../app/view-actions.ts';
import type { ViewState } from '../app/view-state.ts';
import { frameIn } from './frame.ts';
import { QuickSwitch } from './quick-switch.tsx';
import { createSeenLines, type SeenLines } from './seen.ts';
import { SideList } from './side-list.tsx';

interface Props {
  state: ViewState;
  actions: ViewActions;
}

const key = 'sse-tail:side';
const seenMs = 2000;

/** What leads from this log to others. */
export function Several({ state, actions }: Props) {
  const { logId, sideIsOpen, switchIsOpen } = state;
  const frame = frameIn(location.search);
  const seen = useMemo(() => createSeenLines(safeStorage()), []);
  useSeen(seen, state);
  useSide(sideIsOpen && !frame, actions);
  return (
    <>
      {sideIsOpen && !frame && <SideList logId={logId} seen={seen} close={actions.toggleSide} />}
      {switchIsOpen && <QuickSwitch logId={logId} close={() => actions.set({ switchIsOpen: false })} />}
    </>
  );
}

/** On a narrow page it would cover the log that was just opened from it. */
const wideEnough = 900;

/** Tells that the lines of this log were seen, up to the last one while it is followed, and that it is watched. */
function useSeen(seen: SeenLines, state: ViewState): void {
  const { logId } = state;
  const latest = useRef(state);
  latest.current = state;
  useEffect(() => {
    const tell = (watchedMs: number) => {
      const { last, following, status } = latest.current;
      if (logId === undefined) return;
      const mayGrow = following && !(status && isFinished(status));
      if (following || seen.lastOf(logId) === undefined) seen.see(logId, last, mayGrow ? watchedMs : 0);
    };
    const watch = () => {
      if (isVisible()) tell(2 * seenMs);
    };
    watch();
    const timer = setInterval(watch, seenMs);
    const hide = () => {
      if (!isVisible()) tell(0);
    };
    // It was hidden before, or never was.
    const leave = () => {
      if (isVisible()) tell(0);
    };
    document.addEventListener('visibilitychange', hide);
    addEventListener('pagehide', leave);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', hide);
      removeEventListener('pagehide', leave);
    };
  }, [seen, logId]);
}

/** Keeps the side list open from log to log. */
function useSide(isOpen: boolean, { set }: ViewActions): void {
  // It may have been opened before this script came.
  const before = useRef(false);
  useEffect(() => {
    const isFrame = frameIn(location.search) !== undefined;
    document.documentElement.dataset.frame = String(isFrame);
    if (!isFrame && safeStorage().getItem(key) === '1' && innerWidth >= wideEnough) set({ sideIsOpen: true });
  }, [set]);
  useEffect(() => {
    document.documentElement.dataset.side = isOpen ? 'open' : 'closed';
    if (isOpen !== before.current) safeStorage().setItem(key, isOpen ? '1' : '');
    before.current = isOpen;
  }, [isOpen]);
}

/** Storage may be forbidden (private windows, embedded pages): then nothing is remembered. */
function safeStorage(): Pick<Storage, 'getItem' | 'setItem'> {
  try {
    return localStorage;
  } catch {
    return { getItem: () => null, setItem: () => undefined };
  }
}
