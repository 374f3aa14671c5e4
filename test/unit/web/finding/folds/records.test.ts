import { expect, test } from 'vitest';
import { createRecords } from '../../../../../web/finding/folds/records.ts';

const trace = ['Error: no', '    at a (a.js:1:1)', '    at b (b.js:2:2)', '    at c (c.js:3:3)'];

function looking(texts: readonly (string | undefined)[], stderr: readonly number[] = []) {
  return createRecords((id) => {
    const text = texts[id - 1];
    const origin = stderr.includes(id) ? { time: 1, stream: 'stderr' as const } : { time: 1 };
    return text === undefined ? undefined : { text, origin };
  });
}

const found = (records: ReturnType<typeof looking>) => [...records.found.values()].map(({ from, to }) => [from, to]);

test('a stack trace is one record', () => {
  const records = looking(['up', ...trace, 'down', '\x1b[31mError: again\x1b[0m', '    at x (x.js:1:1)', 'end']);
  expect(records.look(1, 9)).toBe(true);
  expect(found(records)).toEqual([[2, 5]]);
  expect(records.look(1, 9)).toBe(false);
});

test('another speaker ends it', () => {
  const records = looking([...trace.slice(0, 3), 'by the way', ...trace.slice(3)], [4]);
  records.look(1, 5);
  expect(found(records)).toEqual([[1, 3]]);
});

test('what is looked at from its middle on is no record, and one that grows is kept', () => {
  const texts: string[] = ['x', ...trace];
  const records = looking(texts);
  records.look(3, 5);
  expect(found(records)).toEqual([]);
  records.look(1, 4);
  expect(found(records)).toEqual([[2, 4]]);
  texts.push('    at d (d.js:4:4)');
  expect(records.look(1, 6)).toBe(true);
  expect(found(records)).toEqual([[2, 6]]);
});

test('lines that are not here end it', () => {
  const records = looking([trace[0], trace[1], undefined, trace[2]]);
  records.look(1, 4);
  expect(found(records)).toEqual([]);
});

test('a blank line before its frames is not what stands for it', () => {
  const records = looking(['up', 'Error: no', '', ...trace.slice(1), '', '', 'down', '    at home']);
  records.look(1, 10);
  expect(found(records)).toEqual([[2, 6]]);
});

test('a line of another sender belongs to nobody, and does not end it', () => {
  const lines = [
    'web-1  | Traceback (most recent call last):',
    'web-1  |   File "app.py", line 3, in <module>',
    'db-1   | checkpoint',
    'web-1  |     main()',
    'web-1  | ValueError: no route',
    'db-1   | done',
  ];
  const records = looking(lines);
  records.look(1, lines.length);
  const rest = [
    { from: 2, to: 2 },
    { from: 4, to: 5 },
  ];
  expect([...records.found.values()]).toEqual([{ from: 1, to: 5, rest }]);
});
