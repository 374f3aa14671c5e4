import { expect, it } from 'vitest';
import type { LogSummary } from '../../../../agent/words/log.ts';
import { runsOf } from '../../../../web/several/runs.ts';

const log = (id: string, name: string, more: Partial<LogSummary> = {}): LogSummary => ({
  ...{ id, name, kind: 'command', cwd: '', createdAt: 0, updatedAt: 0, size: 0, first: 1, last: 0 },
  status: { state: 'stopped' },
  ...more,
});
const logs = [
  log('c', 'make'),
  log('x', 'other'),
  log('b', 'make'),
  log('f', 'make', { kind: 'file' }),
  log('a', 'make'),
];

it.each([
  ['c', undefined, 'b'],
  ['b', 'c', 'a'],
  ['a', 'c', undefined],
  ['x', undefined, undefined],
  ['gone', undefined, undefined],
])('the newest and the previous run beside %s', (id, newest, previous) => {
  const runs = runsOf(logs, id);
  expect([runs.newest?.id, runs.previous?.id]).toEqual([newest, previous]);
});
