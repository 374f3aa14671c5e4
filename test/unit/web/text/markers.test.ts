import { expect, it } from 'vitest';
import { markerIn } from '../../../../web/text/markers.ts';

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
