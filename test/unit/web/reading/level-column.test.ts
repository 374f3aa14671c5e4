import { expect, test } from 'vitest';
import { levelOf } from '../../../../agent/text/level.ts';
import { statedLevel } from '../../../../web/reading/level-column.ts';

test.each([
  ['2026-11-28 12:00:00,123 ERROR c.e.App: no', 'error'],
  ['2026-11-28T12:00:00.123Z [warn] slow', 'warn'],
  ['2026-11-28 12:00:00,123 - app.db - INFO - ready', 'info'],
  ['[12:00:01] DEBUG cache miss', 'debug'],
  ['INFO:root:started', 'info'],
  ['WARNING: deprecated', 'warn'],
  ['error: cannot find module', 'error'],
  ['time=12:00 level=debug msg=x', 'debug'],
  ['[INFO] Building app 1.0', 'info'],
  ['plain words about information', undefined],
  ['GET /info 200', undefined],
  ['[main] info', undefined],
])('%s', (line, level) => {
  expect(statedLevel(line)).toBe(level);
  // What the filter says, which is the agent's, must not be another one.
  expect(levelOf(line) ?? level).toBe(level);
});
