import { expect, test } from 'vitest';
import { placesIn } from '../../../../web/text/file-places.ts';
import { leastTime } from '../../../support/growth.ts';

const shown = (text: string) =>
  placesIn(text).map(({ path, line, column, start, end }) => {
    expect(text.slice(start, end)).toContain(path);
    return [path, line, column].filter((part) => part !== undefined).join(' ');
  });

test.each([
  ['src/app.ts:12:5 - error TS2304: Cannot find name', ['src/app.ts 12 5']],
  ['src/app.ts(12,5): error TS2304', ['src/app.ts 12 5']],
  ['    at run (/home/me/my-app/lib/run.js:1:22)', ['/home/me/my-app/lib/run.js 1 22']],
  ['    at file:///home/me/x.mjs:3:4', ['/home/me/x.mjs 3 4']],
  ['  File "/usr/lib/my python/a.py", line 7, in main', ['/usr/lib/my python/a.py 7']],
  ['  --> src/main.rs:4:5', ['src/main.rs 4 5']],
  ['main.go:10: undefined: x; other.go:11: too', ['main.go 10', 'other.go 11']],
  ['C:\\src\\a.cs(3): warning', ['C:\\src\\a.cs 3']],
  ['./größe/ä.ts:1', ['./größe/ä.ts 1']],
  ['see a.ts:12.', ['a.ts 12']],
  ['12:30:45 localhost:8080 127.0.0.1:80 example.com:443 v1.2.3:4', []],
  ['node:internal/modules/run_main.js:12:5 webpack:///./src/a.js:1', []],
  ['Makefile:12: recipe', []],
  [`${'a'.repeat(300_000)}`, []],
  [`${'/a'.repeat(100_000)}:1`, []],
  [`${':1'.repeat(100_000)}`, []],
])('%.60s', (text, expected) => {
  expect(shown(text)).toEqual(expected);
  expect(leastTime(() => shown(text), 500)).toBeLessThanOrEqual(500);
});
