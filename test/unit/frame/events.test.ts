import { expect, it } from 'vitest';
import { endEvent, eventText, outlineText, progressText } from '../../../agent/frame/events.ts';
import type { Outline } from '../../../agent/words/finding.ts';
import { parseEvents } from '../../support/event-text.ts';

it('a named event is one event, whatever line ends its data has', () => {
  const partial = { rows: ['one\ntwo\r\nthree', '\u2028'], source: 'data: x\n\nid: 7' };
  const events = parseEvents(eventText('partial', partial));
  expect(events).toEqual([{ type: 'partial', id: undefined, data: JSON.stringify(partial) }]);
});

it('progress has the id of the line that it has come to, so that a client resumes there', () => {
  const progress = { to: 41, scanned: 40 };
  expect(parseEvents(progressText(progress))).toEqual([{ type: 'progress', id: '41', data: JSON.stringify(progress) }]);
});

it('the end says its last line and how many there were', () => {
  expect(parseEvents(endEvent(9, 4).toString())).toEqual([
    { type: 'end', id: undefined, data: JSON.stringify({ last: 9, lines: 4 }) },
  ]);
});

it('an outline is an event of that name, under the last id that it knows of', () => {
  const outline: Outline = {
    groups: [],
    problems: [],
    omitted: [],
    errors: 0,
    warnings: 0,
    firstError: null,
    known: [1, 7],
  };
  expect(parseEvents(outlineText(outline))).toEqual([{ type: 'outline', id: '7', data: JSON.stringify(outline) }]);
});
