import { expect, it } from 'vitest';
import { parsePartial, parseWriterAnswer } from '../../../../../agent/journal/nats/message/live-message.ts';

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
  expect(parsePartial(text)).toBeUndefined();
});

it('takes unfinished rows as agents send them', () => {
  for (const partial of [{ rows: [] }, { source: 'a.log', stream: 'stderr', rows: ['10%', ''] }]) {
    expect(parsePartial(JSON.stringify(partial))).toEqual(partial);
  }
});

it('takes the answer of a writer, and of its unfinished rows those that are some', () => {
  expect(parseWriterAnswer('{"session":"a","last":7,"partials":[{"rows":["1"]},null,{"rows":2}]}')).toEqual({
    session: 'a',
    last: 7,
    partials: [{ rows: ['1'] }],
  });
  for (const text of ['{"session":"a"}', '{"session":"a","last":"7"}'])
    expect(parseWriterAnswer(text)).toEqual({ session: 'a', last: 0, partials: [] });
  for (const text of ['', 'null', '[]', '{}', '{"session":1}']) expect(parseWriterAnswer(text)).toBeUndefined();
});
