import { expect, it } from 'vitest';
import { parseLive, parseWriterAnswer } from '../../../../../agent/journal/nats/message/live-message.ts';

it.each([
  ['no JSON', '{"rows":["10%"'],
  ['nothing', ''],
  ['null', 'null'],
  ['no rows', '{"source":"a"}'],
  ['one row', '{"rows":"10%"}'],
  ['rows that are no text', '{"rows":["a",1]}'],
  ['another stream', '{"rows":[],"stream":"stdin"}'],
  ['a source that is no text', '{"rows":[],"source":{}}'],
])('unfinished rows that are none: %s', (_, text) => {
  expect(parseLive(text)).toBeUndefined();
});

it('takes unfinished rows as agents send them', () => {
  for (const partial of [{ rows: [] }, { source: 'a.log', stream: 'stderr', rows: ['10%', ''] }]) {
    expect(parseLive(JSON.stringify(partial))).toEqual(partial);
  }
});

const progresses = [{ state: 'normal', percent: 42 }, { state: 'error', percent: 0 }, { state: 'indeterminate' }];
const none = [
  ...[{}, 'normal', { state: 'over' }, { state: 'normal', percent: 101 }, { state: 'normal', percent: '42' }],
  ...[
    { state: 'normal', percent: -1 },
    { state: 'normal', percent: null },
  ],
];

it('takes progress as agents send it, and nothing else with it', () => {
  for (const progress of [...progresses, null]) expect(parseLive(JSON.stringify({ progress }))).toEqual({ progress });
  expect(parseLive('{"progress":{"state":"paused","html":"<b>"}}')).toEqual({ progress: { state: 'paused' } });
  for (const progress of none) expect(parseLive(JSON.stringify({ progress }))).toBeUndefined();
});

it('takes the answer of a writer, and of its unfinished rows those that are some', () => {
  expect(parseWriterAnswer('{"session":"a","last":7,"partials":[{"rows":["1"]},null,{"rows":2}]}')).toEqual({
    session: 'a',
    last: 7,
    partials: [{ rows: ['1'] }],
  });
  for (const text of ['{"session":"a"}', '{"session":"a","last":"7"}'])
    expect(parseWriterAnswer(text)).toEqual({ session: 'a', last: 0, partials: [] });
  const answer = { session: 'a', last: 1, partials: [] };
  for (const progress of progresses)
    expect(parseWriterAnswer(JSON.stringify({ ...answer, progress }))).toEqual({ ...answer, progress });
  for (const progress of [...none, null])
    expect(parseWriterAnswer(JSON.stringify({ ...answer, progress }))).toEqual(answer);
  for (const text of ['', 'null', '[]', '{}', '{"session":1}']) expect(parseWriterAnswer(text)).toBeUndefined();
});
