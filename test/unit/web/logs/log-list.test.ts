import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LogStatus, LogSummary } from '../../../../agent/words/log.ts';
import { logListUrl } from '../../../../web/app/address.ts';
import { createLogList, type LogListState } from '../../../../web/logs/log-list.ts';
import { sectionsOf } from '../../../../web/logs/logs-page.tsx';

const stopped: LogStatus = { state: 'stopped' };

function kept(id: string, createdAt = 0, status = stopped): LogSummary {
  return { id, name: id, kind: 'stdin', cwd: '/', createdAt, updatedAt: 0, size: 0, first: 1, last: 0, status };
}

describe('the list of logs', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function start() {
    const states: LogListState[] = [];
    const agent = { logs: [kept('a')], status: 200, isReachable: true, asked: 0, isVisible: true };
    const list = createLogList({
      async fetchLogs() {
        agent.asked++;
        if (!agent.isReachable) throw new TypeError('Failed to fetch');
        return new Response(JSON.stringify(agent.logs), {
          status: agent.status,
          headers: { date: 'Thu, 20 Nov 2025 07:00:00 GMT' },
        });
      },
      isVisible: () => agent.isVisible,
      changed: (state) => states.push(state),
    });
    const shown = () => states.at(-1) as LogListState;
    return { agent, list, shown };
  }

  it('is asked for again every second', async () => {
    const { agent, shown } = start();
    expect(shown()).toMatchObject({ logs: undefined, connection: 'connecting' });
    await vi.advanceTimersByTimeAsync(0);
    expect(shown()).toMatchObject({ logs: [{ id: 'a' }], connection: 'live' });
    expect(shown().now).toBe(Date.UTC(2025, 10, 20, 7));
    agent.logs = [kept('b'), kept('a')];
    await vi.advanceTimersByTimeAsync(1000);
    expect(shown().logs).toMatchObject([{ id: 'b' }, { id: 'a' }]);
  });

  it('stays while the agent is away, and is there again with it', async () => {
    const { agent, shown } = start();
    await vi.advanceTimersByTimeAsync(0);
    for (const failure of [{ isReachable: false }, { isReachable: true, status: 503 }]) {
      Object.assign(agent, failure);
      await vi.advanceTimersByTimeAsync(4000);
      expect(shown()).toMatchObject({ logs: [{ id: 'a' }], connection: 'lost' });
    }
    agent.status = 200;
    await vi.advanceTimersByTimeAsync(3000);
    expect(shown().connection).toBe('live');
  });

  it('is not asked for while nobody sees it, and at once when somebody does', async () => {
    const { agent, list } = start();
    await vi.advanceTimersByTimeAsync(0);
    agent.isVisible = false;
    await vi.advanceTimersByTimeAsync(60_000);
    const before = agent.asked;
    expect(before).toBeLessThanOrEqual(2);
    agent.isVisible = true;
    list.look();
    await vi.advanceTimersByTimeAsync(0);
    expect(agent.asked).toBe(before + 1);
    list.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(agent.asked).toBe(before + 1);
  });
});

describe('sections', () => {
  it('are what is being written, then the days on which logs were begun', () => {
    const now = new Date(2025, 10, 20, 14).getTime();
    const logs = [
      kept('live', new Date(2025, 10, 1).getTime(), { state: 'following' }),
      kept('this-morning', new Date(2025, 10, 20, 0, 1).getTime()),
      kept('last-night', new Date(2025, 10, 19, 23, 59).getTime()),
      kept('long-ago', new Date(2025, 9, 31).getTime()),
    ];
    expect(sectionsOf(logs, now).map(({ title, members }) => [title, ...members.map(({ id }) => id)])).toEqual([
      ['Being written', 'live'],
      ['Today', 'this-morning'],
      ['Yesterday', 'last-night'],
      ['Friday, October 31, 2025', 'long-ago'],
    ]);
  });
});

describe('the way to the list', () => {
  it.each([
    ['/', 'logs'],
    ['/prefix/', 'logs'],
    ['/logs/build-1f3a/', '../../logs'],
    ['/prefix/logs/build-1f3a/', '../../logs'],
  ])('from %s is %s', (pathname, url) => {
    expect(logListUrl(pathname)).toBe(url);
  });
});
