import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type AskOutline, createExportedIds, outlineOfPart } from '../../../agent/export/part.ts';
import { answerOutline } from '../../../agent/finding/survey/requests.ts';
import { createSurvey } from '../../../agent/finding/survey/survey.ts';
import type { OutlineGroup } from '../../../agent/words/finding.ts';
import { syntheticJournal } from '../../support/synthetic-journal.ts';

function group(from: number, to: number, depth: number): OutlineGroup {
  return { title: `group ${from}`, from, to, ms: 1, depth, level: null, state: 'done' };
}

it('groups of exported lines are inside of those that are there; those that overlap are inside of none', async () => {
  const groups = [group(1, 20, 0), group(2, 12, 1), group(4, 9, 1), group(6, 20, 1), group(7, 8, 2), group(30, 31, 0)];
  const ids = createExportedIds(40);
  for (const id of [2, 4, 6, 7, 30]) ids.add(id);
  const whole = { groups, problems: [], omitted: [], errors: 0, warnings: 0, firstError: null };
  const outline = await outlineOfPart(async () => ({ ...whole, known: [1, 40] }), ids);
  expect(outline.groups.map(({ from, depth }) => [from, depth])).toEqual([
    [2, 0],
    [4, 0],
    [6, 0],
    [7, 1],
    [30, 0],
  ]);
});

const lines = 40_000;

function levelOf(id: number): 'error' | 'warn' | undefined {
  if (id % 7 === 0) return 'error';
  return id % 5 === 0 ? 'warn' : undefined;
}

it('an export of some lines says how many errors and warnings these have, also where the log has very many', async () => {
  const texts = { error: 'ERROR broken', warn: 'WARN slow' };
  const journal = syntheticJournal(lines, (id) => ({ text: texts[levelOf(id) ?? 'warn'].repeat(levelOf(id) ? 1 : 0) }));
  const survey = createSurvey(journal);
  const ask: AskOutline = (range) =>
    answerOutline(survey, journal, { to: lines, waitMs: 60_000, isFinished: true, ...(range && { range }) });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.nat({ max: lines }), async (every, from) => {
      const has = (id: number) => id >= from && id % every === 0;
      const outline = await outlineOfPart(ask, { has });
      const ids = Array.from({ length: lines }, (_, i) => i + 1).filter((id) => has(id) && levelOf(id) !== undefined);
      const errors = ids.filter((id) => levelOf(id) === 'error');
      expect([outline.errors, outline.warnings]).toEqual([errors.length, ids.length - errors.length]);
      expect(outline.firstError?.id).toBe(errors[0]);
      expect(outline.problems.every(({ id, level }) => has(id) && levelOf(id) === level)).toBe(true);
      const left = outline.omitted.reduce((sum, omitted) => sum + omitted.errors + omitted.warnings, 0);
      expect(outline.problems.length + left).toBe(ids.length);
      if (ids.length <= 2000) expect(outline.problems.map(({ id }) => id)).toEqual(ids);
    }),
    { numRuns: 4 },
  );
});
