import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Chunk } from '../../../../agent/finding/chunks/chunk.ts';
import { createChunkBuilder } from '../../../../agent/finding/chunks/chunk-builder.ts';
import { type ListedProblems, problemsOf } from '../../../../agent/finding/chunks/problems.ts';
import type { Origin } from '../../../../agent/words/line.ts';

type Line = Pick<Origin, 'stream' | 'source' | 'kind'> & { text: string };

const linesOf = (output: string): Line[] => output.split('\n').map((text) => ({ text }));
const passed = Array.from({ length: 200 }, (_, i) => `  ✓ works ${i}`).join('\n');

function chunkOf(lines: readonly Line[], firstId = 1, lastId = lines.length): Chunk {
  const builder = createChunkBuilder(firstId);
  const from = Math.max(1, firstId - 200);
  const frames = lines.slice(from - 1, lastId).map(({ text, ...origin }, i) => {
    const inForce = JSON.stringify({ time: 1764316801123, ...origin });
    return `event: origin\ndata: ${inForce}\n\nid: ${from + i}\ndata: ${text}\n\n`;
  });
  builder.take({ bytes: Buffer.from(frames.join('')), firstId: from, lastId });
  return builder.chunk;
}

const textsOf = ({ problems }: ListedProblems) => problems.map(({ text }) => text);

function listed(lines: readonly Line[], firstId = 1): string[] {
  const found = problemsOf([chunkOf(lines)], firstId);
  const errors = found.problems.filter(({ level }) => level === 'error');
  expect({ errors: found.errors, first: found.firstError?.id }).toEqual({
    errors: errors.length,
    first: errors[0]?.id,
  });
  expect(found.warnings).toBe(found.problems.length - errors.length);
  expect(found.omitted).toEqual([]);
  return textsOf(found);
}

const vitest = ` FAIL  test/a.test.ts > cart > throws
Error: no id
 ❯ test/a.test.ts:9:1

⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[1/1]⎯
`;
const vitestSums = ` Test Files  1 failed | 7 passed (8)
      Tests  1 failed | 2 passed (3)
   Start at  10:00:00`;
const mavenEnd = `[INFO] server ............................................. FAILURE [  1.234 s]
[INFO] client ............................................. SKIPPED
[INFO] ------------------------------------------------------------------------
[INFO] BUILD FAILURE
[INFO] ------------------------------------------------------------------------
[INFO] Total time:  2.3 s`;

const outputs: Record<string, { output: string; problems: string[] }> = {
  'of Vitest': {
    output: `${vitest}\n${vitestSums}`,
    problems: [' FAIL  test/a.test.ts > cart > throws: Error: no id'],
  },
  'of Vitest that lists nothing': {
    output: `${vitestSums}\nnpm error code 1`,
    problems: [' Test Files  1 failed | 7 passed (8)', 'npm error code 1'],
  },
  'of Jest': {
    output: `  ● cart › throws

    no id

Test Suites: 1 failed, 1 total
Tests:       1 failed, 1 total
Snapshots:   0 total`,
    problems: ['  ● cart › throws'],
  },
  'of Mocha, before its failures': {
    output: `  2 passing (12ms)
  1 failing

  1) cart
       throws:
     Error: no id`,
    problems: ['     Error: no id'],
  },
  'of Mocha, whose failure is no error by what it says': {
    output: `  1 failing\n\n  1) cart\n       throws:\n     no id\n${passed}\nError: another one`,
    problems: ['  1 failing', 'Error: another one'],
  },
  'of Maven, before its errors': {
    output: `${mavenEnd}\n[ERROR] Failed to execute goal compile on project demo: Compilation failure`,
    problems: ['[ERROR] Failed to execute goal compile on project demo: Compilation failure'],
  },
  'of Maven, killed amid what it says': {
    output: mavenEnd,
    problems: ['[INFO] server ............................................. FAILURE [  1.234 s]'],
  },
  'of compilers, one after the other': {
    output: `a.c:1:5: error: undeclared
1 error generated.
b.c:1:5: warning: unused
1 warning generated.
${passed}
1 error generated.`,
    problems: ['a.c:1:5: error: undeclared', 'b.c:1:5: warning: unused', '1 error generated.'],
  },
  'of MSBuild': {
    output: `/srv/a.cs(3,5): error CS0103: The name 'x' does not exist\n\n    0 Warning(s)\n    1 Error(s)`,
    problems: ["/srv/a.cs(3,5): error CS0103: The name 'x' does not exist"],
  },
  'of compilers, of warnings only': {
    output: `b.c:1:5: warning: unused
1 warning generated.
${passed}
2 warnings generated.`,
    problems: ['b.c:1:5: warning: unused', '2 warnings generated.'],
  },
  'of compilers, of warnings and of errors': {
    output: `b.c:1:5: warning: unused
b.c:2:5: error: undeclared
1 warning and 1 error generated.
${passed}
1 warning generated.`,
    problems: ['b.c:1:5: warning: unused', 'b.c:2:5: error: undeclared', '1 warning generated.'],
  },
  'of ESLint': {
    output: `/srv/a.js
  3:1  warning  Unexpected console statement  no-console

✖ 1 problem (0 errors, 1 warning)`,
    problems: ['  3:1  warning  Unexpected console statement  no-console'],
  },
  'of pytest that hides its warnings': {
    output: `=== test session starts ===\n.\n=== 1 passed, 3 warnings in 0.01s ===`,
    problems: ['=== 1 passed, 3 warnings in 0.01s ==='],
  },
  'of pytest that lists nothing, run twice': {
    output: `F.\n1 failed, 1 passed in 0.01s\nF\n1 failed in 0.02s`,
    problems: ['1 failed, 1 passed in 0.01s', '1 failed in 0.02s'],
  },
  'behind times': {
    output: `2026-11-28T09:12:44.3234560Z 2 failed, 1 passed\n2026-11-28T09:12:44.3234561Z  1 failing`,
    problems: ['2 failed, 1 passed'],
  },
};

describe('a sum is listed only if nothing that it is the sum of is:', () => {
  it.each(Object.entries(outputs))('%s', (_, { output, problems }) => {
    expect(listed(linesOf(output))).toEqual(problems);
  });

  it('where failures are said at stderr, and the sum at stdout', () => {
    const failures = linesOf(vitest).map((line): Line => ({ ...line, stream: 'stderr' }));
    expect(listed([...failures, ...linesOf(vitestSums)])).toEqual([
      ' FAIL  test/a.test.ts > cart > throws: Error: no id',
    ]);
  });

  it('of its source', () => {
    const lines: Line[] = [
      { source: 'a', text: 'Error: no id' },
      { source: 'b', text: '1 failed, 2 passed' },
      { source: 'a', text: '1 failed, 3 passed' },
    ];
    expect(listed(lines)).toEqual(['Error: no id', '1 failed, 2 passed']);
  });

  it('in the same run of the command', () => {
    const start: Line = { kind: 'notice', text: 'run started: npm test' };
    const run = linesOf('1 failed, 2 passed\nnpm error code 1');
    expect(listed([...run, start, ...run])).toEqual([...run, ...run].map(({ text }) => text));
  });

  it('and is left', () => {
    const lines = linesOf('Error: first\nError: second\nError: third\n1 failed, 2 passed\nok');
    expect(listed(lines, 3)).toEqual(['Error: third']);
    expect(listed(lines, 4)).toEqual(['1 failed, 2 passed']);
    expect(listed(lines, 5)).toEqual([]);
  });
});

const anyLine = fc
  .record({
    text: fc.constantFrom(
      ...['Error: no id', 'a.c:1:5: error: undeclared', 'WARN slow', '1 failed, 2 passed', '2 errors generated.', 'ok'],
      ...[
        '  1 failing',
        '[INFO] BUILD FAILURE',
        '    at f (/srv/a.js:1:2)',
        '=== 1 failed in 0.1s ===',
        '  2 Error(s)',
      ],
      ...['1 warning generated.', '=== 1 passed, 3 warnings in 0.1s ===', '✖ 2 problems (1 error, 1 warning)'],
      ...['test_a.py::test_b FAILED', 'FAILED test_a.py::test_b - no id', '=== test session starts ==='],
    ),
    source: fc.constantFrom('a', 'b'),
    origin: fc.constantFrom<Pick<Origin, 'stream'>[]>({}, { stream: 'stderr' }),
  })
  .map(({ origin, ...line }): Line => ({ ...line, ...origin }));

it('is listed or not wherever one chunk ends and the next one begins, and counted as it is listed', () => {
  fc.assert(
    fc.property(
      fc.array(anyLine, { minLength: 2, maxLength: 60 }),
      fc.array(fc.nat()),
      fc.nat({ max: 20 }),
      (lines, cuts, gone) => {
        const starts = [...new Set([1, ...cuts.map((cut) => 1 + (cut % lines.length))])].sort((a, b) => a - b);
        const chunks = starts.map((from, i) => chunkOf(lines, from, (starts[i + 1] ?? lines.length + 1) - 1));
        const firstId = 1 + gone;
        const whole = problemsOf([chunkOf(lines)], firstId);
        const inParts = problemsOf(chunks, firstId);
        const said = ({ problems, errors, warnings }: ListedProblems) => [
          problems.map(({ id }) => id),
          errors,
          warnings,
        ];
        expect(said(inParts)).toEqual(said(whole));
        expect(whole.omitted).toEqual([]);
        expect(whole.errors + whole.warnings).toBe(whole.problems.length);
        // What failed is never without a sign.
        if (gone === 0 && lines.some(({ text }) => /rror|fail|FAIL/.test(text)))
          expect(whole.firstError).not.toBeNull();
        if (gone === 0 && lines.some(({ text }) => /WARN|\d warning/.test(text)))
          expect(whole.errors + whole.warnings).toBeGreaterThan(0);
      },
    ),
    { numRuns: 150 },
  );
});

it('is counted as it is listed or omitted, however many there are', () => {
  const lines = linesOf('Error: no id\nError: no name\n1 failed, 2 passed\n'.repeat(1500));
  const { problems, omitted, errors } = problemsOf([chunkOf(lines)], 1);
  expect(problems.length + omitted.reduce((sum, range) => sum + range.errors, 0)).toBe(errors);
  expect(errors).toBeLessThan(lines.length - 500);
});

it('is counted as it is listed or omitted, however many of warnings there are', () => {
  const lines = linesOf('WARN slow\nError: no name\nWARN slower\n2 warnings generated.\n'.repeat(1500));
  const { omitted, errors, warnings, ...found } = problemsOf([chunkOf(lines)], 1);
  const listed = found.problems.filter(({ level }) => level === 'warn').length;
  expect(errors).toBe(1500);
  expect(listed + omitted.reduce((sum, range) => sum + range.warnings, 0)).toBe(warnings);
  expect(warnings).toBeLessThan(2 * 1500 + 600);
});
