import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Chunk } from '../../../../agent/finding/chunks/chunk.ts';
import { createChunkBuilder } from '../../../../agent/finding/chunks/chunk-builder.ts';
import { decodeChunks, encodeChunks } from '../../../../agent/finding/chunks/chunk-bytes.ts';
import { type ListedProblems, problemsOf } from '../../../../agent/finding/chunks/problems.ts';
import { problemsIn } from '../../../../agent/finding/survey/range-problems.ts';
import { answerOutline } from '../../../../agent/finding/survey/requests.ts';
import { createSurvey } from '../../../../agent/finding/survey/survey.ts';
import { rememberedJournal, syntheticJournal } from '../../../support/synthetic-journal.ts';

const begin = [
  '============================= test session starts ==============================',
  'collected 8 items',
  '',
];
const progress = `
test_a.py::TestCart::test_a FAILED                                       [ 14%]
test_a.py::TestCart::test_ok PASSED                                      [ 28%]
test_a.py::test_b[1 - 2] FAILED                                          [ 42%]
test_a.py::test_b[x::y] FAILED                                           [ 57%]
test_a.py::test_fix ERROR                                                [ 71%]
test_a.py::test_torn FAILED                                              [ 85%]
test_a.py::test_torn ERROR                                               [ 85%]
test_c.py::TestCart::test_a FAILED                                       [100%]
`.split('\n');
const sections = `==================================== ERRORS ====================================
_________________________ ERROR collecting test_bad.py _________________________
ImportError while importing test module '/srv/test_bad.py'.
Hint: make sure your test modules/packages have valid Python names.
Traceback:
/usr/lib/python3.11/importlib/__init__.py:126: in import_module
    return _bootstrap._gcd_import(name[level:], package, level)
test_bad.py:1: in <module>
    import nothing_here
E   ModuleNotFoundError: No module named 'nothing_here'
__________________________ ERROR at setup of test_fix __________________________

    @pytest.fixture
>   def broken(): raise RuntimeError("no database")
E   RuntimeError: no database

test_a.py:10: RuntimeError
________________________ ERROR at teardown of test_torn ________________________

>       raise RuntimeError("teardown")
E       RuntimeError: teardown

test_a.py:15: RuntimeError
=================================== FAILURES ===================================
_______________________________ TestCart.test_a ________________________________

    def test_a(self):
>       assert 1 == 2
E       assert 1 == 2

test_a.py:4: AssertionError
________________________________ test_b[1 - 2] _________________________________

>       assert not n
E       AssertionError: assert not '1 - 2'

test_a.py:8: AssertionError
_________________________________ test_b[x::y] _________________________________

>       assert not n
E       AssertionError: assert not 'x::y'

test_a.py:8: AssertionError
__________________________________ test_torn ___________________________________

>   def test_torn(torn): assert False
E   assert False

test_a.py:16: AssertionError
_______________________________ TestCart.test_a ________________________________

E       assert 2 == 3

test_c.py:4: AssertionError`.split('\n');
const summary = `=========================== short test summary info ============================
FAILED test_a.py::TestCart::test_a - assert 1 == 2
FAILED test_a.py::test_b[1 - 2] - AssertionError: assert not '1 - 2'
FAILED test_a.py::test_b[x::y] - AssertionError: assert not 'x::y'
FAILED test_a.py::test_torn - assert False
FAILED test_c.py::TestCart::test_a - assert 2 == 3
ERROR test_bad.py
ERROR test_a.py::test_fix - RuntimeError: no database
ERROR test_a.py::test_torn - RuntimeError: teardown`.split('\n');
const end = ['==================== 5 failed, 1 passed, 3 errors in 0.65s =====================', ''];

const bySections = [
  "ERROR collecting test_bad.py: ModuleNotFoundError: No module named 'nothing_here'",
  'ERROR at setup of test_fix: RuntimeError: no database',
  'ERROR at teardown of test_torn: RuntimeError: teardown',
  'TestCart.test_a: assert 1 == 2',
  "test_b[1 - 2]: AssertionError: assert not '1 - 2'",
  "test_b[x::y]: AssertionError: assert not 'x::y'",
  'test_torn: assert False',
  'TestCart.test_a: assert 2 == 3',
];
const bySummary = summary.slice(1);
/** A name with spaces takes a closer look than a progress line gets. */
const byProgress = progress.filter((line) => /(?:FAILED|ERROR) /.test(line) && !line.includes('1 - 2'));

const outputs: Record<string, { lines: string[]; listed: string[] }> = {
  'by default': { lines: [...begin, ...sections, ...summary, ...end], listed: bySections },
  'with -v': { lines: [...begin, ...progress, ...sections, ...summary, ...end], listed: bySections },
  'with -v --tb=no': { lines: [...begin, ...progress, ...summary, ...end], listed: bySummary },
  'with -v as it is ended amid': { lines: [...begin, ...progress], listed: byProgress },
  'with -v -r N': { lines: [...begin, ...progress, ...sections, ...end], listed: bySections },
  'with -q, run twice': {
    lines: [...sections, ...summary, end[0] as string, ...summary, end[0] as string],
    listed: [...bySections, ...bySummary],
  },
};

/** What pytest 7 and 9 have printed of nine failures, two of them of one test. */
const recorded = new URL('../../../fixtures/pytest/', import.meta.url);
const linesOf = (name: string) => readFileSync(new URL(name, recorded), 'utf8').trimEnd().split('\n');
const failures = [
  "test_bad: No module named 'nothing_here'",
  'test_stored: no database',
  'test_torn: teardown',
  "test_total: KeyError: 'price'",
  ...['test_name[a - b]: AssertionError', 'test_name[x::y]: AssertionError', 'test_torn: assert False'],
  ...['test_lines: first', 'test_plain_assert: assert 1 == 2'],
];

function chunkOf(lines: readonly string[], firstId: number, lastId: number): Chunk {
  const builder = createChunkBuilder(firstId);
  const from = Math.max(1, firstId - 200);
  const frames = lines.slice(from - 1, lastId).map((line, i) => `id: ${from + i}\ndata: ${line}\n\n`);
  const bytes = Buffer.from(`event: origin\ndata: {"time":1764316801123}\n\n${frames.join('')}`);
  builder.take({ bytes, firstId: from, lastId });
  return builder.chunk;
}

it.each(Object.entries(outputs))('lists each failure of pytest once: %s', (_, { lines, listed }) => {
  const { problems, errors, firstError, omitted } = problemsOf([chunkOf(lines, 1, lines.length)], 1);
  expect(problems.map(({ text }) => text)).toEqual(listed);
  expect({ errors, omitted, first: firstError?.text }).toEqual({
    errors: listed.length,
    omitted: [],
    first: listed[0],
  });
});

const recordings = readdirSync(recorded).map((name) => [name, linesOf(name)] as const);

it.each(recordings)('lists each failure that pytest has printed once: %s', (name, lines) => {
  const { problems, errors } = problemsOf([chunkOf(lines, 1, lines.length)], 1);
  expect(errors).toBe(failures.length);
  const texts = problems.map(({ text }) => text);
  for (const failure of failures) {
    const [test = '', reason = ''] = failure.split(/: (.*)/);
    const says = (text: string) => text.includes(test) && (text.includes(reason) || test === 'test_bad');
    // Without a summary only the reasons are there.
    const isReason = (text: string) => text.startsWith('E   ') && text.includes(reason);
    expect(texts.find((text) => says(text) || (name === 'tb-line-no-summary.log' && isReason(text)))).toBeDefined();
  }
});

it('says where a reason is from', () => {
  const lines = linesOf('tb-line-no-summary.log');
  const { problems } = problemsOf([chunkOf(lines, 1, lines.length)], 1);
  const reasons = problems.filter(({ text }) => text.startsWith('E   '));
  expect(reasons.map(({ line }) => line)).toEqual([5, 18, 18, 37, 46, 50]);
});

/** A record that goes on in the next chunk may say less of what it is. */
const said = ({ problems, ...rest }: ListedProblems) => ({
  ...rest,
  ids: problems.map(({ id }) => id),
  firstError: rest.firstError?.id,
});

it.each([...Object.entries(outputs).map(([name, { lines }]) => [name, lines] as const), ...recordings])(
  'does so wherever one chunk ends and the next one begins: %s',
  async (_, lines) => {
    const journal = rememberedJournal(lines.map((text) => ({ text })));
    const whole = problemsOf([chunkOf(lines, 1, lines.length)], 1);
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 2, max: lines.length }), { maxLength: 6 }), (cuts) => {
        const starts = [1, ...cuts.sort((a, b) => a - b), lines.length + 1];
        const chunks = starts.slice(1).map((next, i) => chunkOf(lines, starts[i] as number, next - 1));
        expect(said(problemsOf(chunks, 1))).toEqual(said(whole));
      }),
      { numRuns: 60 },
    );
    const chunks = [chunkOf(lines, 1, 40), chunkOf(lines, 41, lines.length)];
    expect(said(await problemsIn(journal, chunks, { from: 1, to: lines.length }))).toEqual(said(whole));
  },
);

it('lists what is left of a failure where retention has taken the rest', () => {
  const { lines } = outputs['with -v'] as { lines: string[] };
  const chunk = chunkOf(lines, 1, lines.length);
  const firstId = lines.indexOf(summary[0] as string) + 1;
  expect(problemsOf([chunk], firstId).problems.map(({ text }) => text)).toEqual(bySummary);
  expect(problemsOf([chunk], firstId).errors).toBe(bySummary.length);
});

it.each([2, 3000])('does so however often %i others say that theirs have ended', (others) => {
  const { lines, listed } = outputs['with -v'] as { lines: string[]; listed: string[] };
  const ends = Array.from({ length: 6000 }, (_, i) => ({
    source: `run ${i % others}`,
    text: '=== 3 passed in 0.02s ===',
  }));
  const all = [...ends, ...lines.map((text) => ({ source: 'last', text }))];
  const frames = all.map(({ source, text }, i) => {
    const origin = JSON.stringify({ time: 1764316801123, source });
    return `event: origin\ndata: ${origin}\n\nid: ${1 + i}\ndata: ${text}\n\n`;
  });
  const builder = createChunkBuilder(1);
  builder.take({ bytes: Buffer.from(frames.join('')), firstId: 1, lastId: all.length });
  expect(problemsOf([builder.chunk], 1).problems.map(({ text }) => text)).toEqual(listed);
});

it('lists the failures of a run apart from those of the next one, whatever has ended between them', () => {
  const [[begun = ''], [summed = '']] = [byProgress, bySummary];
  const end = ['=== 3 passed in 0.02s ===', ''];
  const lines = [begun, ...end, 'x', ...end, summed, ...end, begun, ...end, ...end, summed];
  expect(problemsOf([chunkOf(lines, 1, lines.length)], 1).errors).toBe(4);
});

it('knows it from what is kept of a log, too', async () => {
  const { lines, listed } = outputs['with -v'] as { lines: string[]; listed: string[] };
  const far = 40_000;
  const before = lines.indexOf(summary[0] as string);
  const at = (id: number) => lines[id <= before ? id - 1 : id - far - 1 >= before ? id - far - 1 : lines.length];
  const journal = syntheticJournal(far + lines.length, (id) => ({ text: at(id) ?? 'a line' }));
  const survey = createSurvey(journal);
  const request = { to: journal.lastId, waitMs: 60_000, isFinished: true };
  const { problems, errors } = await answerOutline(survey, journal, request);
  expect(problems.map(({ text }) => text)).toEqual(listed);
  expect(errors).toBe(listed.length);
  const [first, ...rest] = survey.known();
  const again = decodeChunks(encodeChunks([first as Chunk]));
  expect(problemsOf([...again, ...rest], 1)).toEqual(problemsOf(survey.known(), 1));
});
