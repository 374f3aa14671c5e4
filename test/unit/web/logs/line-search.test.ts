import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLineSearch, emptyPattern, type LineSearchState } from '../../../../web/logs/line-search.ts';

const pattern = { ...emptyPattern, text: 'needle' };
const row = (id: string, hits: number) => ({ id, hits, lines: [] });

describe('a search of all logs', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** An agent whose answers the test gives piece by piece. */
  function start() {
    const states: LineSearchState[] = [];
    const asked: { query: string; signal: AbortSignal; answer(response: Response): void }[] = [];
    const search = createLineSearch({
      fetchFound: (query, signal) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
          asked.push({ query, signal, answer: resolve });
        }),
      changed: (state) => states.push(state),
    });
    const last = () => states.at(-1) as LineSearchState;
    return { search, asked, last };
  }

  function streaming() {
    let controller: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start(given) {
        controller = given;
      },
    });
    return {
      response: new Response(body),
      push: (text: string) => controller.enqueue(new TextEncoder().encode(text)),
      close: () => controller.close(),
    };
  }

  it('asks once for what was typed, and tells of each log as it comes', async () => {
    const { search, asked, last } = start();
    for (const text of ['n', 'ne', 'needle']) search.start({ ...pattern, text });
    await vi.advanceTimersByTimeAsync(300);
    expect(asked.map(({ query }) => query)).toEqual(['q=needle']);
    const { response, push, close } = streaming();
    asked[0]?.answer(response);
    const [first, second] = [JSON.stringify(row('a', 2)), JSON.stringify(row('b', 0))];
    push(first.slice(0, 5));
    push(`${first.slice(5)}\n${second}\n`);
    await vi.advanceTimersByTimeAsync(0);
    expect(last()).toMatchObject({ state: 'searching', searched: 2, found: [{ id: 'a' }] });
    close();
    await vi.advanceTimersByTimeAsync(0);
    expect(last()).toMatchObject({ state: 'done', searched: 2, found: [{ id: 'a' }] });
  });

  it('keeps logs that could not be searched as a whole, whatever was found in them', async () => {
    const { search, asked, last } = start();
    search.start(pattern);
    await vi.advanceTimersByTimeAsync(300);
    const rows = [row('a', 0), { ...row('b', 0), error: 'Not now.' }, { ...row('c', 2), error: 'Not all.' }];
    asked[0]?.answer(new Response(rows.map((one) => `${JSON.stringify(one)}\n`).join('')));
    await vi.advanceTimersByTimeAsync(0);
    expect(last()).toMatchObject({
      state: 'done',
      searched: 3,
      found: [
        { id: 'b', error: 'Not now.' },
        { id: 'c', error: 'Not all.' },
      ],
    });
  });

  it('gives up what was searched for before', async () => {
    const { search, asked, last } = start();
    search.start(pattern);
    await vi.advanceTimersByTimeAsync(300);
    search.start({ ...pattern, text: '' });
    expect(asked[0]?.signal.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(300);
    expect(last()).toMatchObject({ state: 'idle', found: [] });
  });

  it('keeps what it has where the agent gives up or is gone', async () => {
    const { search, asked, last } = start();
    search.start(pattern);
    await vi.advanceTimersByTimeAsync(300);
    const { response, push } = streaming();
    asked[0]?.answer(response);
    push(`${JSON.stringify(row('a', 2))}\n{"error":"The search took too long."}\n`);
    await vi.advanceTimersByTimeAsync(0);
    expect(last()).toMatchObject({ state: 'failed', why: 'The search took too long.', found: [{ id: 'a' }] });
    search.start(pattern);
    await vi.advanceTimersByTimeAsync(300);
    asked[1]?.answer(Response.json({ error: 'Too many searches.' }, { status: 429 }));
    await vi.advanceTimersByTimeAsync(0);
    expect(last()).toMatchObject({ state: 'failed', why: 'Too many searches.' });
  });

  it('says what is no expression, in the words of the browser or of the agent', async () => {
    const { search, asked, last } = start();
    search.start({ ...pattern, text: '(', regex: true });
    expect(last()).toMatchObject({ state: 'invalid', why: 'Unterminated group' });
    search.start({ ...pattern, text: '(?=a)', regex: true });
    await vi.advanceTimersByTimeAsync(300);
    expect(asked.map(({ query }) => query)).toEqual(['q=(%3F%3Da)&regex=1']);
    asked[0]?.answer(Response.json({ error: 'No lookaheads.' }, { status: 400 }));
    await vi.advanceTimersByTimeAsync(0);
    expect(last()).toMatchObject({ state: 'invalid', why: 'No lookaheads.' });
  });
});
