import { expect, it } from 'vitest';
import { hiddenMarker, inShort, markerIn, withoutMarker } from '../../../../web/text/markers.ts';

it.each([
  ['##[group]Run npm test', false, 'Run npm test'],
  ['2026-01-31T12:00:00.1234567Z ##[endgroup]', false, '2026-01-31T12:00:00.1234567Z '],
  ['::error file=src/app.js,line=12::Missing semicolon', false, 'Missing semicolon'],
  ['##vso[task.logissue type=error;sourcepath=a.cs]No', false, 'No'],
  ['--- :hammer: Test', true, ':hammer: Test'],
  ['^^^ +++', false, ''],
  ['--- a/file', false, '--- a/file'],
  ['## A heading', false, '## A heading'],
  ['std::vector::push', false, 'std::vector::push'],
])('%s', (line, opensGroup, shown) => {
  const [start, end] = markerIn(line, opensGroup) ?? [0, 0];
  expect(line.slice(0, start) + line.slice(end)).toBe(shown);
});

it('a marker in which something was found stays', () => {
  const line = '##[error]Process completed';
  expect(hiddenMarker(line, false, [[9, 16]])).toEqual([0, 9]);
  expect(hiddenMarker(line, false, [[2, 8]])).toBeUndefined();
  expect(withoutMarker(line, [[9, 16]])).toBe('Process completed');
  expect(withoutMarker(line, [[2, 8]])).toBe(line);
});

it('a line where there is little room has neither a marker nor the time of a build server', () => {
  expect(inShort('2026-01-31T12:00:00.1234567Z ##[error]No space left ')).toBe('No space left');
  expect(inShort('2026-01-31T12:00:00.1234567Z ##[endgroup]')).toBe('');
  expect(inShort('  plain')).toBe('plain');
});
