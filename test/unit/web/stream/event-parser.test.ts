import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createEventParser } from '../../../../web/stream/event-parser.ts';

type Event = [type: string, data: string, lastEventId: string];

function parse(...pieces: string[]): Event[] {
  const events: Event[] = [];
  const parser = createEventParser((type, data, id) => events.push([type, data, id]));
  for (const piece of pieces) parser.push(piece);
  return events;
}

test('a line comes as a message with its id', () => {
  expect(parse('id: 42\ndata: \u001b[31merror\u001b[0m: no\n\n')).toEqual([
    ['message', '\u001b[31merror\u001b[0m: no', '42'],
  ]);
});

test('an empty line is an event like any other', () => {
  expect(parse('id: 7\ndata: \n\nid: 8\ndata:\n\n')).toEqual([
    ['message', '', '7'],
    ['message', '', '8'],
  ]);
});

test('only the first space after the colon is left out', () => {
  expect(parse('data:  indented\n\ndata:tight\n\n')).toEqual([
    ['message', ' indented', ''],
    ['message', 'tight', ''],
  ]);
});

test('an id stays in force for events without one, and an id with NUL is ignored', () => {
  expect(parse('id: 3\ndata: a\n\nevent: ping\ndata: {}\n\nid: 4\0\ndata: b\n\n')).toEqual([
    ['message', 'a', '3'],
    ['ping', '{}', '3'],
    ['message', 'b', '3'],
  ]);
});

test('several data fields are joined by line feeds', () => {
  expect(parse('data: a\ndata\ndata: c\n\n')).toEqual([['message', 'a\n\nc', '']]);
});

test('comments, retry and unknown fields are no events', () => {
  expect(parse(': batch 120 9f3a\n\nretry: 2000\n\nfoo: bar\n\nevent: lonely\n\ndata: x\n\n')).toEqual([
    ['message', 'x', ''],
  ]);
});

test('an event that is cut off at the end is not dispatched', () => {
  expect(parse('id: 1\ndata: whole\n\nid: 2\ndata: ha')).toEqual([['message', 'whole', '1']]);
});

test('CR and CRLF end lines too, also where a piece ends between them', () => {
  const expected = [
    ['message', 'a', '1'],
    ['message', 'b', '2'],
  ];
  expect(parse('id: 1\r\ndata: a\r\n\r\nid: 2\r\ndata: b\r\n\r\n')).toEqual(expected);
  // A CR at the very end may be half of a CRLF: what it ends comes with the next piece.
  expect(parse('id: 1\rdata: a\r\rid: 2\rdata: b\r\r', ':\n')).toEqual(expected);
  expect(parse('id: 1\r', '\ndata: a\r', '\n\r', '\nid: 2\r', '', '\ndata: b\r\n\r\n')).toEqual(expected);
});

test('any lines come out as they went in, however the body is cut', () => {
  const line = fc.string({ unit: 'binary' }).map((text) => text.replace(/[\r\n]/g, ''));
  const property = fc.property(fc.array(line), fc.array(fc.nat(2000)), (lines, cuts) => {
    const body = lines.map((text, index) => `id: ${index + 1}\ndata: ${text}\n\n`).join('');
    const at = [...new Set([0, ...cuts.filter((cut) => cut < body.length), body.length])].sort((a, b) => a - b);
    const pieces = at.slice(1).map((end, index) => body.slice(at[index], end));
    expect(parse(...pieces)).toEqual(lines.map((text, index) => ['message', text, String(index + 1)]));
  });
  fc.assert(property, { numRuns: 80 });
});
