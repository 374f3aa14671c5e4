import { expect, test } from 'vitest';
import { drawingOf, isUniform } from '../../../../agent/text/cells/drawings.ts';

test('lines that test runners rule are drawn, whatever the font has', () => {
  expect(drawingOf('⎯')).toBe(drawingOf('─'));
  expect(drawingOf('⎯')).toContain('linear-gradient');
  expect(isUniform('⎯')).toBe(true);
});
