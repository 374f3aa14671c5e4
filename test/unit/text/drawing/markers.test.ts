import { expect, it } from 'vitest';
import { hiddenMarkers, inShort, markersIn, withoutMarkers } from '../../../../agent/text/drawing/markers.ts';

it.each([
  ['##[group]Run npm test', false, 'Run npm test'],
  ['2026-01-31T12:00:00.1234567Z ##[endgroup]', false, '2026-01-31T12:00:00.1234567Z '],
  ['::error file=src/app.js,line=12::Missing semicolon', false, 'Missing semicolon'],
  ['##vso[task.logissue type=error;sourcepath=a.cs]No', false, 'No'],
  ['--- :hammer: Test', true, ':hammer: Test'],
  ['^^^ +++', false, ''],
  ["##teamcity[blockOpened name='Step 1/2: Compile' flowId='main']", true, 'Step 1/2: Compile'],
  ["##teamcity[progressMessage 'compiling errors.c']", false, 'compiling errors.c'],
  ["##teamcity[testFailed name='reads' flowId='1' message='a |'b|' |[1|]' details='']", false, "reads a 'b' [1]"],
  ["##teamcity[testFinished name='a.b' duration='3' flowId='main'] ", false, ''],
  ["##teamcity[message text='name=|'x|'' status='ERROR']", false, "name='x'"],
  ["##teamcity[buildProblem description='a || b|nat c']", false, 'a | b|nat c'],
  ['##teamcity is slow', false, '##teamcity is slow'],
  ['--- a/file', false, '--- a/file'],
  ['## A heading', false, '## A heading'],
  ['std::vector::push', false, 'std::vector::push'],
])('%s', (line, opensGroup, shown) => {
  const spans = markersIn(line, opensGroup);
  const isHidden = (at: number) => spans.some(([start, end]) => start <= at && at < end);
  expect(Array.from(line, (sign, at) => (isHidden(at) ? '' : sign)).join('')).toBe(shown);
});

it('a marker in which something was found stays', () => {
  const line = '##[error]Process completed';
  expect(hiddenMarkers(line, false, [[9, 16]])).toEqual([[0, 9]]);
  expect(hiddenMarkers(line, false, [[2, 8]])).toEqual([]);
  expect(withoutMarkers(line, [[9, 16]])).toBe('Process completed');
  expect(withoutMarkers(line, [[2, 8]])).toBe(line);
});

it('a line where there is little room has neither a marker nor the time of a build server', () => {
  expect(inShort('2026-01-31T12:00:00.1234567Z ##[error]No space left ')).toBe('No space left');
  expect(inShort('2026-01-31T12:00:00.1234567Z ##[endgroup]')).toBe('');
  expect(inShort('  plain')).toBe('plain');
});
