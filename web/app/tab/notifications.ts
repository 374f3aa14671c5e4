import { withoutMarkers } from '../../../agent/text/drawing/markers.ts';
import { shownText } from '../../../agent/text/drawing/runs.ts';
import { isFinished } from '../../../agent/words/log.ts';
import type { Hello, Status } from '../../../agent/words/wire.ts';
import workerUrl from '../../backend/notification-clicks.ts?worker&url';
import { createHighlighter, type Highlighter, usualPattern } from '../../text/pattern.ts';
import { trustedScriptUrl } from '../../text/trusted-types.ts';
import { statusWords, titleWords } from '../status-words.ts';
import { isVisible } from './is-visible.ts';

/** Tells a reader who looks elsewhere what was asked for: that the log has ended, that a text has come. */
export interface Notifications {
  hello(hello: Hello, isNewLog: boolean): void;
  line(id: number, text: string): void;
  status(status: Status): void;
}

export interface NotificationsOptions {
  settings(): { notify: boolean; notifyText: string };
  name(): string;
  /** How the log stands when this begins, and the last line that is known then. */
  status: Status | undefined;
  last: number;
  goTo(id: number): void;
}

/** A text that comes with every line is told now and then. */
const betweenMs = 5000;
const longestBody = 300;

export function createNotifications(options: NotificationsOptions): Notifications {
  const { settings, name, goTo } = options;
  let { status: before, last } = options;
  let notBefore = 0;
  let searched: { text: string; highlighter: Highlighter } | undefined;

  function holds(line: string, text: string): boolean {
    if (searched?.text !== text) {
      searched = { text, highlighter: createHighlighter({ text, ...usualPattern }) };
    }
    return searched.highlighter.spansOf(line).length > 0;
  }

  function statusIs(next: Status): void {
    const hasEnded = before !== undefined && !isFinished(before) && isFinished(next);
    before = next;
    if (hasEnded && settings().notify) notify(titleWords(name(), next), statusWords(next, Date.now()), undefined);
  }

  function notify(title: string, body: string, id: number | undefined): void {
    const isSeen = isVisible() && document.hasFocus();
    if (isSeen || !('Notification' in globalThis) || Notification.permission !== 'granted') return;
    const content = { body: body.slice(0, longestBody), tag: `sse-tail ${title}` };
    try {
      const notification = new Notification(title, content);
      notification.onclick = () => {
        window.focus();
        if (id !== undefined) goTo(id);
        notification.close();
      };
    } catch {
      // Android has them for service workers alone. Where that fails, too, the tab's title says it.
      showByWorker(title, { ...content, data: { page: location.origin + location.pathname, id } }).catch(
        () => undefined,
      );
    }
  }

  navigator.serviceWorker?.addEventListener('message', ({ data }: MessageEvent<number | undefined>) => {
    if (data !== undefined) goTo(data);
  });

  return {
    hello({ status, last: newest }, isNewLog) {
      // What was there before the page came is no news; and the ids of another log begin anew.
      if (isNewLog) before = undefined;
      if (before === undefined) last = newest;
      statusIs(status);
    },
    line(id, text) {
      const { notifyText } = settings();
      if (id <= last) return;
      last = id;
      if (notifyText === '' || Date.now() < notBefore) return;
      const shown = shownText(text);
      if (!holds(shown, notifyText)) return;
      notBefore = Date.now() + betweenMs;
      notify(name(), withoutMarkers(shown), id);
    },
    status: statusIs,
  };
}

async function showByWorker(title: string, options: NotificationOptions): Promise<void> {
  const registration = await navigator.serviceWorker.register(trustedScriptUrl(workerUrl));
  const worker = registration.installing ?? registration.waiting;
  while (worker && !registration.active) {
    await new Promise((resolve) => worker.addEventListener('statechange', resolve, { once: true }));
  }
  await registration.showNotification(title, options);
}
