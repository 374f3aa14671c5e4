import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Chunk, chunkLines } from '../../../../agent/finding/chunks/chunk.ts';
import { endsOf } from '../../../../agent/finding/chunks/problems.ts';
import { problemsIn } from '../../../../agent/finding/survey/range-problems.ts';
import { answerOutline } from '../../../../agent/finding/survey/requests.ts';
import { createSurvey, type Survey } from '../../../../agent/finding/survey/survey.ts';
import type { Journal } from '../../../../agent/journal/journal.ts';
import type { Outline, Problem } from '../../../../agent/words/finding.ts';
import { syntheticJournal } from '../../../support/synthetic-journal.ts';

const longMs = 60_000;

function outlineOf(journal: Journal, survey: Survey, range?: { from: number; to: number }) {
  const request = { to: journal.lastId, waitMs: longMs, isFinished: true, ...(range && { range }) };
  return answerOutline(survey, journal, request);
}

/** What is listed and what is said not to be, in these lines. */
function countsIn({ problems, omitted }: Outline, from: number, to: number) {
  const listed = problems.filter(({ id }) => id >= from && id <= to);
  const ranges = omitted.filter((range) => range.from <= to && range.to >= from);
  const errors = ranges.reduce((sum, range) => sum + range.errors, 0);
  const warnings = ranges.reduce((sum, range) => sum + range.warnings, 0);
  const errorsListed = listed.filter(({ level }) => level === 'error').length;
  return { errors: errorsListed + errors, warnings: listed.length - errorsListed + warnings };
}

/** Each seventh line is an error, and each fifth of the others a warning; none in the third chunk. */
function lineOf(id: number) {
  const isQuiet = id > 2 * chunkLines && id <= 3 * chunkLines;
  if (isQuiet) return { text: `ordinary ${id}` };
  if (id % 7 === 0) return { text: `src/a.c:${id}:1: error: e${id}` };
  return { text: id % 5 === 0 ? `WARN w${id}` : `ordinary ${id}` };
}

function problemIds(from: number, to: number): number[] {
  const ids: number[] = [];
  for (let id = from; id <= to; id++) if (!lineOf(id).text.startsWith('ordinary')) ids.push(id);
  return ids;
}

describe('the problems of a log that has very many', () => {
  const journal = syntheticJournal(18 * chunkLines + 500, lineOf);
  const survey = createSurvey(journal);

  it('are listed from both ends, and where some are not that is said, with their number', async () => {
    const outline = await outlineOf(journal, survey);
    const all = problemIds(1, journal.lastId);
    expect(outline.errors + outline.warnings).toBe(all.length);
    expect(countsIn(outline, 1, journal.lastId)).toEqual({ errors: outline.errors, warnings: outline.warnings });
    expect(outline.problems[0]?.id).toBe(7);
    expect(outline.problems.at(-1)?.id).toBe(journal.lastId - (journal.lastId % 7));
    const quiet = { from: 2 * chunkLines + 1, to: 3 * chunkLines };
    expect(outline.omitted.map(({ from, to }) => [from, to])).toEqual([
      [1, quiet.from - 1],
      // Those of the last lines are all listed.
      [quiet.to + 1, 18 * chunkLines],
    ]);
  });

  it('are all given to who asks for a part after the other', async () => {
    const last = 4 * chunkLines;
    const found: Problem[] = [];
    for (let from = 1000; from <= last; ) {
      const { problems, omitted, errors, warnings, firstError } = await outlineOf(journal, survey, { from, to: last });
      const ids = problemIds(from, last);
      expect(errors + warnings).toBe(ids.length);
      expect(firstError?.id).toBe(ids.find((id) => id % 7 === 0));
      found.push(...problems);
      const [rest, ...others] = omitted;
      expect(others).toEqual([]);
      expect((rest?.errors ?? 0) + (rest?.warnings ?? 0)).toBe(ids.length - problems.length);
      from = rest?.from ?? last + 1;
    }
    expect(found.map(({ id }) => id)).toEqual(problemIds(1000, last));
    for (const { id, level, text, file, line } of found) {
      const isError = id % 7 === 0;
      expect({ level, text }).toEqual({ level: isError ? 'error' : 'warn', text: lineOf(id).text });
      if (isError) expect({ file, line }).toEqual({ file: 'src/a.c', line: id });
    }
  });

  it('are those of the lines that are left, where retention has taken some', async () => {
    const kept = syntheticJournal(2 * chunkLines, lineOf);
    const keptSurvey = createSurvey(kept);
    await outlineOf(kept, keptSurvey);
    kept.firstId = 20_001;
    const left = problemIds(20_001, kept.lastId);
    const outline = await outlineOf(kept, keptSurvey);
    const errors = left.filter((id) => id % 7 === 0).length;
    expect(outline).toMatchObject({ errors, warnings: left.length - errors });
    expect(countsIn(outline, 20_001, kept.lastId)).toEqual({ errors, warnings: left.length - errors });
    expect(outline.omitted[0]?.from).toBe(20_001);
    const first = left.find((id) => id % 7 === 0) as number;
    expect(outline.firstError).toEqual({
      id: first,
      level: 'error',
      text: lineOf(first).text,
      file: 'src/a.c',
      line: first,
    });
    // It is known from then on.
    const { read } = kept;
    kept.read = () => expect.unreachable();
    expect((await outlineOf(kept, keptSurvey)).firstError).toEqual(outline.firstError);
    kept.read = read;
    kept.firstId = first + 1;
    expect((await outlineOf(kept, keptSurvey)).firstError?.id).toBe(left.find((id) => id % 7 === 0 && id > first));
  });
});

it('the problems of one line are given together to who asks for a part after the other', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 200, maxLength: 400 }), async (perLine) => {
      const ids = perLine.flatMap((count, i) => Array.from({ length: count }, () => i + 1));
      const journal = syntheticJournal(perLine.length, () => ({ text: 'ordinary' }));
      const survey = createSurvey(journal);
      const chunk = (await survey.chunkFor(1)) as Chunk;
      chunk.problems = ids.map((id, i) => ({ id, level: i % 3 === 0 ? 'error' : 'warn', text: `${i}` }));
      chunk.errors = Math.ceil(ids.length / 3);
      chunk.warnings = ids.length - chunk.errors;
      const found: Problem[] = [];
      for (let from = 1; from <= perLine.length; ) {
        const { problems, omitted } = await problemsIn(journal, [chunk], { from, to: perLine.length });
        found.push(...problems);
        const left = omitted.reduce((sum, { errors, warnings }) => sum + errors + warnings, 0);
        expect(found.length + left).toBe(ids.length);
        from = omitted[0]?.from ?? perLine.length + 1;
      }
      expect(found).toEqual(chunk.problems);
    }),
    { numRuns: 10 },
  );
});

it('of ever more problems those at the ends are left, as of all of them at once', () => {
  const problem = fc.record({ level: fc.constantFrom<Problem['level']>('error', 'warn') });
  fc.assert(
    fc.property(fc.array(problem, { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (levels, most) => {
      const problems = levels.map(({ level }, i): Problem => ({ id: i + 1, level, text: '' }));
      let kept: Problem[] = [];
      for (const one of problems) {
        kept.push(one);
        if (kept.length >= 2 * most) kept = endsOf(kept, most);
      }
      expect(endsOf(kept, most)).toEqual(endsOf(problems, most));
    }),
  );
});
