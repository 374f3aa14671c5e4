import { expect, it } from 'vitest';
import { lineTest } from '../../../../web/export/line-test.ts';

const passes = (filter: Parameters<typeof lineTest>[0], text: string) =>
  lineTest(filter, undefined, 0)?.({ id: 1, text, origin: { time: 0 }, time: 0, level: undefined });

it('the value of a field is a whole word and a whole number, as the agent takes it', () => {
  expect(passes({ has: ['"s":0'] }, '{"s":0}')).toBe(true);
  for (const other of ['0.25', '05', '0e3']) expect(passes({ has: ['"s":0'] }, `{"s":${other}}`)).toBe(false);
  expect(passes({ has: ['status=500'] }, 'status=500. status=5000')).toBe(true);
  expect(passes({ has: ['5'] }, '1.5')).toBe(false);
  expect(passes({ lacks: ['"s":0'] }, '{"s":0.25}')).toBe(true);
});
