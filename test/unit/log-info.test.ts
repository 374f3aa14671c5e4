import { expect, it } from 'vitest';
import { awaitedText } from '../../agent/log-info.ts';

it.each([
  [['a.log'], false, 'a.log does not exist yet; waiting for it.'],
  [['logs'], true, 'There is no file in logs yet; waiting for one.'],
  [['logs/*.log'], false, 'No file matches logs/*.log yet; waiting for one.'],
  [
    ['logs/*.log', 'logs/sub', './b.txt'],
    true,
    'No file matches logs/*.log, logs/sub or ./b.txt yet; waiting for one.',
  ],
])('%j: what is waited for', (paths, isThere, sentence) => {
  expect(awaitedText(paths, isThere)).toBe(sentence);
});
