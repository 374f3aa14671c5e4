import { afterEach, expect, test, vi } from 'vitest';
import { readEvents } from '../../../../web/stream/read-events.ts';

const answer = [
  'retry: 2000\nevent: hello\ndata: {}\n\n',
  'event: origin\ndata: {"time":1}\n\n',
  'id: 7\ndata: seven\n\nid: 8\ndata: eight\n\n',
  'event: end\ndata: {"last":8,"lines":2}\n\n',
].join('');

afterEach(() => vi.unstubAllGlobals());

async function read(body: string): Promise<{ how: string; lines: string[] }> {
  vi.stubGlobal('fetch', async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
  const lines: string[] = [];
  const onEvent = (type: string, data: string) => {
    if (type === 'message') lines.push(data);
  };
  const { how } = await readEvents('http://127.0.0.1/events', new AbortController().signal, onEvent, () => undefined);
  return { how, lines };
}

test('an answer with all of its lines and its end is done', async () => {
  expect(await read(answer)).toEqual({ how: 'done', lines: ['seven', 'eight'] });
});

test('wherever an answer is cut it is not taken for whole', async () => {
  for (let length = 0; length < answer.length; length++) {
    expect([length, (await read(answer.slice(0, length))).how]).toEqual([length, 'failed']);
  }
});

test('an answer that lacks a line has failed', async () => {
  expect((await read(answer.replace('id: 7\ndata: seven\n\n', ''))).how).toBe('failed');
});
