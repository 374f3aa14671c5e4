import { beforeEach, expect, test, vi } from 'vitest';
import type { Hello } from '../../../../../agent/words/wire.ts';
import { createNotifications } from '../../../../../web/app/tab/notifications.ts';

let told: string[];

beforeEach(() => {
  told = [];
  const Notification = class {
    static permission = 'granted';
    constructor(title: string, { body }: { body: string }) {
      told.push(`${title}: ${body}`);
    }
  };
  vi.stubGlobal('Notification', Notification);
  vi.stubGlobal('navigator', {});
  vi.stubGlobal('document', { visibilityState: 'hidden', hasFocus: () => false });
  return () => vi.unstubAllGlobals();
});

const running = { state: 'running', startedAt: 0 } as const;
const hello: Hello = { log: 'b', name: 'b', first: 1, last: 2, sources: ['b'], status: running, time: 0 };

test('the lines of another log are news, though their ids are lower', () => {
  const notifications = createNotifications({
    settings: () => ({ notify: true, notifyText: 'found' }),
    name: () => 'b',
    status: running,
    last: 1000,
    goTo: () => undefined,
  });
  notifications.line(1000, 'found');
  notifications.hello(hello, true);
  notifications.line(2, 'found long ago');
  notifications.line(3, 'found now');
  expect(told).toEqual(['b: found now']);
});

test('that another log has ended before is no news', () => {
  const notifications = createNotifications({
    settings: () => ({ notify: true, notifyText: '' }),
    name: () => 'b',
    status: running,
    last: 0,
    goTo: () => undefined,
  });
  const exited = { state: 'exited', code: 0, signal: null, startedAt: 0, endedAt: 1 } as const;
  notifications.hello({ ...hello, status: exited }, true);
  expect(told).toEqual([]);
});
