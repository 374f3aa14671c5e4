import { expect, test } from 'vitest';
import type { LogStatus } from '../../../../agent/words/log.ts';
import type { Hello } from '../../../../agent/words/wire.ts';
import { polledStream } from '../../../../web/stream/polled-stream.ts';
import type { ReadEvents, ResponseEnd } from '../../../../web/stream/read-events.ts';

interface Answer {
  end?: ResponseEnd['how'];
  events?: [type: string, data: string, id: string][];
}

/** What a page is told of a log that answers so. */
async function poll(answers: Answer[], statuses: LogStatus[] = []) {
  const urls: string[] = [];
  const told: string[] = [];
  const readEvents: ReadEvents = async (url, _, event) => {
    urls.push(new URL(url).search);
    const { end = 'done', events = [] } = answers.shift() ?? { end: 'failed' };
    for (const [type, data, id] of events) event(type, data, id);
    return { how: end } as ResponseEnd;
  };
  const readStatus = async (url: string) => {
    urls.push(new URL(url).pathname);
    const status = statuses.shift();
    return status && ({ log: 'x', status } as Hello);
  };
  await new Promise<void>((resolve) => {
    polledStream({ readEvents, readStatus, everyMs: 1 })('http://127.0.0.1/logs/x/events?tail=60&skim=2000', {
      asked: () => undefined,
      event: (type, data) => told.push(type === 'message' ? data : type),
      end: () => resolve(),
    });
  });
  return { urls, told };
}

test('resumes after the last line of each answer, and ends with its log', async () => {
  const { urls, told } = await poll([
    {
      events: [
        ['message', 'one', '1'],
        ['message', 'two', '2'],
      ],
    },
    {
      events: [
        ['message', 'three', '3'],
        ['status', '{"state":"exited"}', ''],
      ],
    },
  ]);
  expect(told).toEqual(['one', 'two', 'three', 'status']);
  expect(urls).toEqual(['?tail=60&skim=2000&follow=0', '?skim=2000&lastEventId=2&follow=0']);
});

test('where no line is new it asks for the state, so that a log that ends without one ends here too', async () => {
  const { urls, told } = await poll(
    [{ events: [['message', 'one', '1']] }, { end: 'nothing' }, { end: 'nothing' }],
    [{ state: 'running', startedAt: 0 }, { state: 'stopped' }],
  );
  expect(told).toEqual(['one', 'hello', 'hello', 'status']);
  expect(urls.filter((url) => url === '/logs/x/status')).toHaveLength(2);
});

test('an answer that was cut ends it, and the next stream resumes after what came', async () => {
  const { told } = await poll([{ end: 'failed', events: [['message', 'one', '1']] }, { events: [] }]);
  expect(told).toEqual(['one']);
});
