import { expect, onTestFinished, test, vi } from 'vitest';
import type { OpenedLayout } from '../../../../../agent/journal/nats/cluster/layout.ts';
import type { LogSubject } from '../../../../../agent/journal/nats/cluster/log-subject.ts';
import { openFollowedNatsLog } from '../../../../../agent/journal/nats/logs/followed-nats-log.ts';
import type { KnownRecord } from '../../../../../agent/journal/nats/logs/log-record.ts';
import { createBatchCache } from '../../../../../agent/journal/nats/read/batch-cache.ts';
import type { LogStatus } from '../../../../../agent/words/log.ts';
import { within } from '../../../../support/deadline.ts';

type Listen = (error: null, message: { string(): string }) => void;

const exited = { state: 'exited', code: 0, signal: null, startedAt: 1, endedAt: 2 } as const;

function known(status: LogStatus, last = 0): KnownRecord {
  const info = { id: 'log-1f3a', kind: 'command', name: 'log', cwd: '/', createdAt: 1 } as const;
  const record = { version: 1, info, status, sources: [], first: 1, last, size: 0, epochs: [] } as const;
  return { record: { ...record, sources: [], epochs: [] }, putAt: Date.now() };
}

/** A log whose stream has no line, of an agent that runs; statuses as they are announced, the last one first. */
async function followed() {
  const listening = new Map<string, Listen>();
  const connection = {
    subscribe(subject: string, { callback }: { callback: Listen }) {
      listening.set(subject, callback);
      return { unsubscribe: () => listening.delete(subject) };
    },
    request: () => Promise.reject(new Error('no responders')),
    publish() {},
    isClosed: () => false,
  };
  const opened = {
    layout: {
      streamOf: () => 's',
      isReplicated: () => true,
      batches: () => 'b',
      fresh: () => 'f',
      live: () => 'live',
      writer: () => 'w',
    },
    manager: { streams: { getMessage: async () => null } },
  } as unknown as OpenedLayout;
  const log = await openFollowedNatsLog({
    opened,
    client: { connection } as unknown as LogSubject['client'],
    cache: createBatchCache(0, 1024),
    known: known({ state: 'running', startedAt: 1 }),
    now: () => Date.now(),
    trouble: undefined,
    onFollow: () => () => {},
  });
  const statuses: string[] = [];
  const partials: string[][] = [];
  const leave = log.subscribe({
    onStatus: ({ state }) => void statuses.unshift(state),
    onPartial: ({ rows }) => void partials.push(rows),
  });
  onTestFinished(async () => {
    leave();
    await log.close();
  });
  const send = (text: string) => listening.get('live')?.(null, { string: () => text });
  return { log, statuses, partials, send };
}

test('an end whose last lines are waited for does not come after what was announced meanwhile', async () => {
  const { log, statuses } = await followed();
  const ending = log.update(known(exited, 5));
  await log.update(known({ state: 'following' }));
  await within('the end of the wait', ending, 3000);
  expect(statuses).toEqual(['following']);
  expect(log.status.state).toBe('following');
  await log.update(known(exited));
  expect(statuses).toEqual(['exited', 'following']);
});

test('a log that is closed waits for no lines', async () => {
  const { log } = await followed();
  const ending = log.update(known(exited, 5));
  await log.close();
  await within('the end of the wait', ending, 3000);
});

test('an agent that says nothing for long is no longer there, and those who watch are told', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { log, statuses, partials, send } = await followed();
  send('{"rows":["10%"]}');
  await vi.advanceTimersByTimeAsync(5 * 60_000);
  expect(statuses).toEqual([]);
  await vi.advanceTimersByTimeAsync(6 * 60_000);
  expect(statuses).toEqual(['stopped']);
  expect(log.status.state).toBe('stopped');
  // What it had not finished it never will.
  expect(partials).toEqual([['10%'], []]);
});

test('what is no unfinished row is none, and ends nothing', async () => {
  const { log, partials, send } = await followed();
  for (const text of ['', '{', 'null', '{"rows":1}']) expect(() => send(text)).not.toThrow();
  send('{"rows":["10%"]}');
  expect(partials).toEqual([['10%']]);
  expect(log.partials).toEqual([{ rows: ['10%'] }]);
});
