import { describe, expect, it } from 'vitest';
import { createBareMarkers, isBareMarker } from '../../../../../web/finding/folds/bare-markers.ts';
import type { Line } from '../../../../../web/lines/line-store.ts';

describe('a bare marker', () => {
  it.each([
    '::endgroup::',
    '##[endgroup]',
    "##teamcity[blockClosed name='Step' flowId='main']",
    '2026-11-28T12:00:00.1234567Z ##[endgroup]',
    '##[endgroup]\x1b[0m ',
    '\x1b_sse-tail;%1B[0Ksection_end:1560896353:build%0D%1B[0K\x1b\\',
  ])('has nothing to read: %j', (text) => expect(isBareMarker(text)).toBe(true));

  it.each([
    '',
    ' ',
    '\x1b[0m',
    '::error::boom',
    "##teamcity[blockOpened name='Step']",
    '##[section]Build',
    'text ::endgroup::',
    '--- build',
  ])('is not %j', (text) => expect(isBareMarker(text)).toBe(false));
});

it('is found among the lines that are there, and is news once', () => {
  const texts = new Map([
    [1, '::group::a'],
    [2, 'x'],
    [3, '::endgroup::'],
  ]);
  const markers = createBareMarkers((id) => {
    const text = texts.get(id);
    return text === undefined ? undefined : ({ text } as Line);
  });
  expect(markers.look(1, 5)).toBe(true);
  expect([...markers.ids]).toEqual([3]);
  expect(markers.look(1, 5)).toBe(false);
  markers.show(3);
  expect(markers.look(1, 5)).toBe(false);
  expect([...markers.ids]).toEqual([]);
});
