import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { FirstEvents, Hello } from '../../../../agent/words/wire.ts';
import { type Connection, type ConnectionState, createConnection } from '../../../../web/stream/connection.ts';
import type { Probe } from '../../../../web/stream/probe.ts';
import type { StreamEnd, StreamListener } from '../../../../web/stream/stream.ts';

/** A stream as the agent's end of it: says events into the page, and knows whether the page has closed it. */
interface Stream {
  url: string;
  isClosed: boolean;
  say(type: string, data: unknown): void;
  line(id: number, text?: string): void;
  end(reason: StreamEnd): void;
}

const hello: Hello = {
  log: 'build-1',
  name: 'build',
  first: 1,
  last: 0,
  sources: ['build'],
  status: { state: 'running', startedAt: 0 },
  time: 0,
};
const exited = { state: 'exited', code: 1, signal: null, startedAt: 0, endedAt: 5000 } as const;

let streams: Stream[];
let states: ConnectionState[];
let told: string[];
let answer: Probe;
let connection: Connection;
let wantsAll: boolean;
let objection: string | undefined;
/** `slow`: what opens a stream has yet to be loaded; `asks` is for when it is. */
let opening: 'quick' | 'slow';
let asks: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  streams = [];
  states = [];
  told = [];
  wantsAll = true;
  opening = 'quick';
  answer = { kind: 'unreachable' };
  objection = undefined;
  connection = connect();
});

function connect(firstEvents?: FirstEvents): Connection {
  return createConnection({
    ...(firstEvents && { firstEvents }),
    openStream: (url, listener) => open(url, listener),
    openPolled: (url, listener) => open(`polled ${url}`, listener),
    wantsAll: () => wantsAll,
    probe: async () => answer,
    whyRefused: async () => objection,
    urlAfter: (lastId) => (lastId === undefined ? 'tail' : `after ${lastId}`),
    isVisible: () => true,
    random: () => 0.5,
    listener: {
      state: (state) => states.push(state),
      hello: ({ log }, isNewLog) => told.push(`${isNewLog ? 'new' : 'same'} log ${log}`),
      line: (id, text, origin) => told.push(`${id} ${text} ${origin.stream ?? 'stdout'}`),
      status: ({ state }) => told.push(`status ${state}`),
      partial: ({ rows }) => told.push(`partial ${rows.length}`),
      gap: ({ from, to }) => told.push(`gap ${from}-${to}`),
      skip: ({ from, to }) => told.push(`skip ${from}-${to}`),
      ping: () => undefined,
      progress: ({ to }, after) => told.push(`nothing after ${after} up to ${to}`),
      newerLog: ({ log }) => told.push(`newer log ${log}`),
    },
  });
}

afterEach(() => {
  connection.close();
  vi.useRealTimers();
});

function open(url: string, listener: StreamListener) {
  const stream: Stream = {
    url,
    isClosed: false,
    say: (type, data) => {
      if (!stream.isClosed) listener.event(type, JSON.stringify(data), '');
    },
    line: (id, text = 'x') => {
      if (!stream.isClosed) listener.event('message', text, String(id));
    },
    end: (reason) => {
      if (!stream.isClosed) listener.end(reason);
    },
  };
  streams.push(stream);
  if (opening === 'quick') listener.asked();
  else asks = listener.asked;
  return {
    close: () => {
      stream.isClosed = true;
    },
  };
}

function latest(): Stream {
  const stream = streams.at(-1);
  if (!stream) throw new Error('no stream was opened');
  return stream;
}

/** The agent answers, and goes on after what was asked for. */
function answerWith(...ids: number[]): void {
  latest().say('hello', hello);
  latest().say('origin', { time: 1 });
  for (const id of ids) latest().line(id);
}

function lineIds(): number[] {
  return told.map((word) => Number.parseInt(word, 10)).filter((id) => id > 0);
}

test('the first stream asks for the newest lines, and is live with hello', () => {
  expect(latest().url).toBe('tail');
  expect(states).toEqual([{ state: 'connecting', attempt: 0 }]);
  answerWith(41, 42);
  expect(states.at(-1)).toEqual({ state: 'live' });
  expect(told).toEqual(['new log build-1', '41 x stdout', '42 x stdout']);
});

test('an origin holds until the next one, and not over a reconnection', async () => {
  answerWith();
  latest().say('origin', { time: 1, stream: 'stderr' });
  latest().line(1);
  latest().line(2);
  latest().end({ kind: 'lost' });
  await vi.advanceTimersByTimeAsync(1000);
  latest().say('hello', hello);
  latest().line(3);
  expect(told.slice(1)).toEqual(['1 x stderr', '2 x stderr', 'same log build-1', '3 x stdout']);
});

test('a lost connection is made again after the last line seen, and no line comes twice', async () => {
  answerWith(1, 2, 3);
  latest().end({ kind: 'lost' });
  expect(states.at(-1)).toMatchObject({ state: 'reconnecting' });
  await vi.advanceTimersByTimeAsync(1000);
  expect(latest().url).toBe('after 3');
  answerWith(2, 3, 4, 5);
  expect(lineIds()).toEqual([1, 2, 3, 4, 5]);
});

test('retries get slower up to a limit, and start over once the agent has answered', async () => {
  const delays: number[] = [];
  for (let n = 0; n < 8; n++) {
    latest().end({ kind: 'lost' });
    const state = states.at(-1);
    if (state?.state !== 'reconnecting') throw new Error('expected to be reconnecting');
    delays.push(state.retryAt - Date.now());
    await vi.advanceTimersByTimeAsync(state.retryAt - Date.now());
  }
  expect(delays).toEqual([375, 750, 1500, 3000, 6000, 11_250, 11_250, 11_250]);
  answerWith(1);
  latest().end({ kind: 'lost' });
  expect(states.at(-1)).toEqual({ state: 'reconnecting', retryAt: Date.now() + 375 });
});

test('after an answer that is no stream a new one is made, from the last line seen', async () => {
  answerWith(1, 2);
  latest().end({ kind: 'lost' });
  await vi.advanceTimersByTimeAsync(1000);
  for (const status of [503, 502, 500, 429]) {
    answer = { kind: 'refused', status };
    latest().end({ kind: 'refused' });
    await vi.advanceTimersByTimeAsync(0);
    expect(states.at(-1)).toMatchObject({ state: 'reconnecting' });
    await vi.advanceTimersByTimeAsync(15_000);
  }
  expect(latest().url).toBe('after 2');
  answerWith(3);
  expect(states.at(-1)).toEqual({ state: 'live' });
  expect(lineIds()).toEqual([1, 2, 3]);
});

test('a refusal that is meant is told with its status, and asked again slowly', async () => {
  answer = { kind: 'refused', status: 403 };
  latest().end({ kind: 'refused' });
  await vi.advanceTimersByTimeAsync(0);
  expect(states.at(-1)).toEqual({ state: 'refused', status: 403, retryAt: Date.now() + 10_000 });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(streams).toHaveLength(2);
});

test('the end of the response after a finished status is the end', async () => {
  answerWith(1);
  latest().say('status', exited);
  latest().end({ kind: 'lost' });
  expect(states.at(-1)).toEqual({ state: 'ended' });
  await vi.advanceTimersByTimeAsync(5000);
  expect(streams).toHaveLength(1);
});

test('a finished log that breaks off before its last line is resumed', async () => {
  latest().say('hello', { ...hello, status: exited, last: 3 });
  latest().line(1);
  latest().end({ kind: 'lost' });
  await vi.advanceTimersByTimeAsync(1000);
  expect(latest().url).toBe('after 1');
  answerWith(2, 3);
  latest().say('status', exited);
  latest().end({ kind: 'lost' });
  expect(states.at(-1)).toEqual({ state: 'ended' });
  expect(lineIds()).toEqual([1, 2, 3]);
});

test.each([204, undefined])(
  'a log that ended while no stream was open has ended (status of the answer: %s)',
  async (status) => {
    answerWith(1);
    latest().end({ kind: 'lost' });
    await vi.advanceTimersByTimeAsync(1000);
    answer = { kind: 'status', hello: { ...hello, status: exited, last: 1 } };
    latest().end({ kind: 'refused', ...(status !== undefined && { status }) });
    await vi.advanceTimersByTimeAsync(0);
    expect(told.at(-1)).toBe('status exited');
    expect(states.at(-1)).toEqual({ state: 'ended' });
  },
);

test('the end of a log is told once', async () => {
  answerWith(1);
  latest().say('hello', { ...hello, status: exited, last: 1 });
  latest().end({ kind: 'lost' });
  await vi.advanceTimersByTimeAsync(1000);
  answer = { kind: 'status', hello: { ...hello, status: exited, last: 1 } };
  latest().end({ kind: 'refused' });
  await vi.advanceTimersByTimeAsync(0);
  expect(told).not.toContain('status exited');
  expect(states.at(-1)).toEqual({ state: 'ended' });
});

test('a log of which there are more lines has not ended with 204', async () => {
  answerWith(1);
  latest().end({ kind: 'lost' });
  await vi.advanceTimersByTimeAsync(1000);
  answer = { kind: 'status', hello: { ...hello, status: exited, last: 2 } };
  latest().end({ kind: 'refused', status: 204 });
  await vi.advanceTimersByTimeAsync(1000);
  expect(latest().url).toBe('after 1');
});

test('a connection without any event for two and a half ping intervals is replaced', async () => {
  answerWith(1);
  await vi.advanceTimersByTimeAsync(30_000);
  latest().say('ping', { time: 0, last: 1 });
  await vi.advanceTimersByTimeAsync(37_000);
  expect(streams).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2000);
  expect(streams[0]?.isClosed).toBe(true);
  expect(latest().url).toBe('after 1');
});

test('the ping interval is learned', async () => {
  answerWith(1);
  for (let n = 0; n < 30; n++) {
    latest().say('ping', { time: 0, last: 1 });
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(streams).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(38_000);
  expect(streams.length).toBeGreaterThan(1);
});

test('another log after a reconnection starts over at its end', async () => {
  answerWith(1, 2, 3);
  latest().end({ kind: 'lost' });
  await vi.advanceTimersByTimeAsync(1000);
  expect(latest().url).toBe('after 3');
  const resumed = latest();
  resumed.say('hello', { ...hello, log: 'build-2' });
  resumed.line(4);
  expect(streams[1]?.isClosed).toBe(true);
  expect(latest().url).toBe('tail');
  latest().say('hello', { ...hello, log: 'build-2' });
  latest().line(1);
  expect(told.slice(4)).toEqual(['new log build-2', '1 x stdout']);
});

test('after a reset it starts over at the end of the log', () => {
  answerWith(1, 2, 3);
  const [stream] = streams;
  stream?.say('reset', { first: 1, last: 2 });
  stream?.line(1);
  expect(latest().url).toBe('tail');
  answerWith(1, 2);
  expect(told.slice(4)).toEqual(['new log build-1', '1 x stdout', '2 x stdout']);
});

test('what was skipped or is gone is not asked for again', async () => {
  answerWith(1);
  latest().say('skip', { from: 2, to: 900 });
  latest().say('gap', { from: 901, to: 950, reason: 'damage' });
  latest().end({ kind: 'lost' });
  await vi.advanceTimersByTimeAsync(1000);
  expect(latest().url).toBe('after 950');
  expect(told.slice(2)).toEqual(['skip 2-900', 'gap 901-950']);
});

test('when the network is back it does not wait any longer', async () => {
  answerWith(1);
  latest().end({ kind: 'lost' });
  connection.wake();
  expect(latest().url).toBe('after 1');
  connection.wake();
  expect(streams).toHaveLength(2);
});

test('after the end a newer log is told, and a log that goes on is gone on with', async () => {
  answerWith(1);
  latest().say('status', exited);
  latest().end({ kind: 'lost' });
  answer = { kind: 'status', hello: { ...hello, log: 'build-2' } };
  await vi.advanceTimersByTimeAsync(15_000);
  expect(told.at(-1)).toBe('newer log build-2');
  answer = { kind: 'status', hello: { ...hello, last: 7 } };
  await vi.advanceTimersByTimeAsync(15_000);
  expect(latest().url).toBe('after 1');
});

test('resumes from where it was told that nothing came for it', async () => {
  answerWith(41);
  latest().say('progress', { to: 90 });
  expect(told.at(-1)).toBe('nothing after 41 up to 90');
  latest().end({ kind: 'lost' });
  await vi.advanceTimersByTimeAsync(1000);
  expect(latest().url).toBe('after 90');
});

test('asking anew goes on behind the last line without a word of it, and does nothing where no stream is open', async () => {
  answerWith(41, 42);
  const statesBefore = states.length;
  const before = latest();
  connection.askAnew();
  expect(before.isClosed).toBe(true);
  expect(latest().url).toBe('after 42');
  answerWith(43);
  expect(told.slice(-2)).toEqual(['same log build-1', '43 x stdout']);
  expect(states).toHaveLength(statesBefore);
  latest().end({ kind: 'lost' });
  const streamsBefore = streams.length;
  connection.askAnew();
  expect(streams).toHaveLength(streamsBefore);
});

const there = (last = 0): Probe => ({ kind: 'status', hello: { ...hello, last } });

test('a stream that says nothing while the agent answers is held back: lines are asked for instead', async () => {
  answer = there();
  await vi.advanceTimersByTimeAsync(2900);
  expect(streams).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(streams.map(({ url }) => url)).toEqual(['tail', 'polled tail']);
  answerWith(1, 2);
  expect(states.at(-1)).toEqual({ state: 'polling' });
  latest().end({ kind: 'lost' });
  await vi.advanceTimersByTimeAsync(1000);
  expect(latest().url).toBe('polled after 2');
  connection.retry();
  expect(latest().url).toBe('after 2');
});

test('a stream that the agent can not have heard of yet is not taken for held back', async () => {
  answer = there();
  opening = 'slow';
  connection.retry();
  await vi.advanceTimersByTimeAsync(8000);
  expect(latest().url).toBe('tail');
  asks();
  await vi.advanceTimersByTimeAsync(2900);
  expect(latest().url).toBe('tail');
  await vi.advanceTimersByTimeAsync(200);
  expect(latest().url).toBe('polled tail');
});

test('a stream that is never opened is given up in the end', async () => {
  answer = there();
  opening = 'slow';
  connection.retry();
  await vi.advanceTimersByTimeAsync(11_100);
  expect(latest().url).toBe('polled tail');
});

test('a slow agent is waited for', async () => {
  answer = { kind: 'unreachable' };
  await vi.advanceTimersByTimeAsync(20_000);
  expect(streams).toHaveLength(1);
  answerWith(1);
  expect(states.at(-1)).toEqual({ state: 'live' });
});

test('a stream that stops before the newest line is made anew, and if that stops too it is held back', async () => {
  latest().say('hello', { ...hello, last: 50 });
  latest().line(20);
  answer = there(50);
  await vi.advanceTimersByTimeAsync(3100);
  expect(streams.map(({ url }) => url)).toEqual(['tail', 'after 20']);
  latest().say('hello', { ...hello, last: 60 });
  latest().line(30);
  await vi.advanceTimersByTimeAsync(3100);
  expect(streams.map(({ url }) => url)).toEqual(['tail', 'after 20', 'polled after 30']);
});

test('a stream that had died is only made anew', async () => {
  answerWith(1);
  answer = there(5);
  await vi.advanceTimersByTimeAsync(21_000);
  expect(streams.map(({ url }) => url)).toEqual(['tail', 'after 1']);
  answerWith(2, 3, 4, 5);
  latest().say('ping', { time: 0, last: 5 });
  expect(states.at(-1)).toEqual({ state: 'live' });
  answer = there(9);
  await vi.advanceTimersByTimeAsync(21_000);
  expect(latest().url).toBe('after 5');
});

test('where lines are left out, those that do not come are not missed', async () => {
  wantsAll = false;
  latest().say('hello', { ...hello, last: 50 });
  answer = there(90);
  await vi.advanceTimersByTimeAsync(15_000);
  expect(streams).toHaveLength(1);
});

test('a page that was asleep does not take what it missed for held back', async () => {
  answerWith(1);
  answer = there(1);
  vi.setSystemTime(Date.now() + 3_600_000);
  connection.wake();
  await vi.advanceTimersByTimeAsync(1000);
  expect(latest().url).toBe('after 1');
});

test('lines that come in clumps, time and again, are asked for instead', async () => {
  answerWith(1);
  let id = 1;
  for (let clump = 1; clump <= 3; clump++) {
    await vi.advanceTimersByTimeAsync(5000);
    for (let second = 0; second < 5; second++) {
      latest().say('origin', { time: clump * 5000 + second * 1000 });
      latest().line(++id);
    }
  }
  await vi.advanceTimersByTimeAsync(5000);
  latest().say('origin', { time: 20_000 });
  expect(latest().url).toBe(`polled after ${id}`);
});

test('lines that come as they are said are no clumps, however regular', async () => {
  answerWith(1);
  let [id, time] = [1, 0];
  for (let burst = 0; burst < 6; burst++) {
    for (let line = 0; line < 75; line++) {
      await vi.advanceTimersByTimeAsync(40);
      time += 40;
      latest().say('origin', { time });
      latest().line(++id);
    }
    await vi.advanceTimersByTimeAsync(500);
    time += 500;
  }
  expect(streams).toHaveLength(1);
  expect(states.at(-1)).toEqual({ state: 'live' });
});

describe('a filter that the agent can’t use', () => {
  beforeEach(() => {
    wantsAll = false;
    answer = { kind: 'status', hello };
    objection = 'no look-around';
  });

  const badFilter = { state: 'badFilter', why: 'no look-around' };

  test.each(['refused', 'lost'] as const)('is told in its words, and not asked for again (%s)', async (kind) => {
    latest().end({ kind });
    await vi.advanceTimersByTimeAsync(0);
    expect(states.at(-1)).toEqual(badFilter);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(streams).toHaveLength(1);
    wantsAll = true;
    connection.askAnew();
    answerWith(1);
    expect(states.at(-1)).toEqual({ state: 'live' });
  });

  test('is told of a log that has ended', async () => {
    connection.close();
    connection = connect(carried(7, exited));
    connection.doubtFilter();
    await vi.advanceTimersByTimeAsync(0);
    expect(states.at(-1)).toEqual(badFilter);
  });

  test('is not what is wrong where the agent has nothing against it', async () => {
    objection = undefined;
    latest().end({ kind: 'refused' });
    await vi.advanceTimersByTimeAsync(0);
    expect(states.at(-1)).toMatchObject({ state: 'reconnecting' });
  });
});

test('a proxy that can’t reach the agent is told from an agent that is gone', async () => {
  answerWith(1);
  answer = { kind: 'gateway', status: 502 };
  latest().end({ kind: 'lost' });
  await vi.advanceTimersByTimeAsync(1000);
  latest().end({ kind: 'refused' });
  await vi.advanceTimersByTimeAsync(0);
  expect(states.at(-1)).toMatchObject({ state: 'reconnecting', gateway: 502 });
  await vi.advanceTimersByTimeAsync(1000);
  answer = { kind: 'unreachable' };
  latest().end({ kind: 'lost' });
  await vi.advanceTimersByTimeAsync(0);
  expect(states.at(-1)).toEqual({ state: 'reconnecting', retryAt: expect.any(Number) });
});

test.each(['refused', 'lost'] as const)(
  'something else that answers is told, and asked again slowly (%s)',
  async (kind) => {
    answerWith(1);
    latest().end({ kind: 'lost' });
    await vi.advanceTimersByTimeAsync(1000);
    answer = { kind: 'stranger' };
    latest().end({ kind });
    await vi.advanceTimersByTimeAsync(0);
    expect(states.at(-1)).toEqual({ state: 'stranger', retryAt: Date.now() + 10_000 });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(latest().url).toBe('after 1');
    answerWith(2);
    expect(states.at(-1)).toEqual({ state: 'live' });
  },
);

/** As a document carries it. */
const carried = (last: number, status: Hello['status']): FirstEvents => [
  ['hello', JSON.stringify({ ...hello, last, status })],
  ['origin', JSON.stringify({ time: 1, stream: 'stderr' })],
  [last - 1, 'before'],
  [last, 'newest'],
];

test('what came with the page is told at once, and the stream continues after it', () => {
  connection.close();
  told = [];
  connection = connect(carried(7, hello.status));
  expect(told).toEqual(['new log build-1', '6 before stderr', '7 newest stderr']);
  expect(streams.at(-1)?.url).toBe('after 7');
  streams.at(-1)?.say('hello', { ...hello, last: 8 });
  streams.at(-1)?.line(7);
  streams.at(-1)?.line(8);
  expect(told.slice(3)).toEqual(['same log build-1', '8 x stdout']);
  expect(states.at(-1)).toEqual({ state: 'live' });
});

test('another log may be served by the time that the stream is there', () => {
  connection.close();
  connection = connect(carried(7, hello.status));
  streams.at(-1)?.say('hello', { ...hello, log: 'build-2' });
  expect(streams.at(-1)?.url).toBe('tail');
});

test('of a finished log that came with the page no stream is opened', () => {
  connection.close();
  const before = streams.length;
  connection = connect(carried(7, exited));
  expect(streams).toHaveLength(before);
  expect(states.at(-1)).toEqual({ state: 'ended' });
});

test('a finished log whose lines did not come with the page has a stream', () => {
  connection.close();
  connection = connect(carried(7, exited).slice(0, 1));
  expect(streams.at(-1)?.url).toBe('tail');
});
