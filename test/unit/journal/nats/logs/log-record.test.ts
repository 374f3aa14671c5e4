import { expect, it } from 'vitest';
import { parseRecord, recordKey, type SharedRecord } from '../../../../../agent/journal/nats/logs/log-record.ts';

const record: SharedRecord = {
  version: 1,
  info: { id: 'build.log-1f3a', kind: 'stdin', name: 'build.log', cwd: '/', createdAt: 1 },
  status: { state: 'running', startedAt: 1 },
  sources: ['build.log'],
  first: 1,
  last: 10,
  size: 100,
  epochs: [{ epoch: 1, from: 1 }],
};
const key = recordKey(record.info.id);
const { info } = record;

it('takes what an agent puts there, and what a newer one adds', () => {
  expect(parseRecord(JSON.stringify(record), key)).toEqual(record);
  const end = { created: '2026-11-29T08:00:00Z', seq: 7, lastId: 10, offset: 100 };
  const newer = { ...record, trouble: 'The disk is full.', end, more: { a: 1 } };
  expect(parseRecord(JSON.stringify(newer), key)).toEqual(newer);
});

it.each<[string, object | null]>([
  ['null', null],
  ['another version', { version: 2 }],
  ['no id', { info: { ...info, id: undefined } }],
  ['an id that is none', { info: { ...info, id: '>' } }],
  ['the id of another log', { info: { ...info, id: 'other-1f3a' } }],
  ['no name', { info: { ...info, name: 7 } }],
  ['no time', { info: { ...info, createdAt: 'today' } }],
  ['no status', { status: undefined }],
  ['a status without a state', { status: {} }],
  ['no sources', { sources: undefined }],
  ['sources that are no text', { sources: [1] }],
  ['a negative id', { first: -1 }],
  ['a huge id', { last: 1e300 }],
  ['no size', { size: null }],
  ['no epochs', { epochs: undefined }],
  ['an epoch that is none', { epochs: [{ epoch: '1', from: 1 }] }],
  ['a trouble that is no text', { trouble: {} }],
  ['an end that is none', { end: { created: '2026-11-29T08:00:00Z', seq: 1, lastId: -1, offset: 0 } }],
])('what is no record is none: %s', (_, change) => {
  expect(parseRecord(JSON.stringify(change && { ...record, ...change }), key)).toBeUndefined();
});

it('what is no JSON is none', () => {
  expect(parseRecord('{', key)).toBeUndefined();
});
