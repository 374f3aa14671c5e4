import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { toldPid } from '../support/told-pid.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const mostColumns = 120;
const comment = /^\s*(\/\/|\/?\*|<!--)|[\s{](\/\/|\/\*)\s/;

/** The formatter breaks code at the width of a line and leaves comments as they are. */
function longComments(path: string): string[] {
  return readFileSync(join(root, path), 'utf8')
    .split('\n')
    .flatMap((line, index) => (line.length > mostColumns && comment.test(line) ? [`${path}:${index + 1}`] : []));
}

it.each(['agent', 'web', 'test', 'scripts'])('no line of a comment is longer than 120 columns: %s', (room) => {
  const paths = readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|tsx|js|mjs|css|html)$/.test(path))
    .map((path) => join(room, path));
  expect(paths).not.toEqual([]);
  expect(paths.flatMap(longComments)).toEqual([]);
});

/** What is said about the spelling itself, and a type test of the option that was renamed. */
const quoting = ['docs/decisions/0011-american-spelling.md', 'test/types/agent.test-d.ts', 'test/unit/docs.test.ts'];

it.each(['agent', 'web', 'test', 'scripts', 'docs'])('is spelled as in America: %s', (room) => {
  const british = /colour|behaviour|neighbour|\bgrey\b|\bcentre|labelled|misspelt|\blearnt\b/i;
  const paths = readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|tsx|js|css|html|md)$/.test(path))
    .map((path) => join(room, path));
  const isBritish = (path: string) => british.test(readFileSync(join(root, path), 'utf8'));
  expect(paths.filter((path) => !quoting.includes(path) && !path.endsWith('house.test.ts') && isBritish(path))).toEqual(
    [],
  );
});

it('nothing waits for a child process without a limit, where no limit of vitest can end it', () => {
  // Benchmarks are no tests of vitest's, and one file sets the limit.
  const isExempt = (path: string) => path.startsWith('bench/') || path === 'support/sync-child.ts';
  const paths = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !isExempt(path))
    .filter((path) => {
      const [imported] =
        /import [^;]*from 'node:child_process';/.exec(readFileSync(join(root, 'test', path), 'utf8')) ?? [];
      return /\b\w+Sync\b/.test(imported ?? '');
    });
  expect(paths).toEqual([]);
});

it('what a page shows is waited for, by `expect.poll`: a look at once comes too early on a busy machine', () => {
  // What is to show from the first moment, or at none, is not waited for.
  const exempt = ['cells', 'first-paint', 'hostile-text', 'who-may-read'];
  const once =
    /expect\(\s*\(?await [^;]*?\.(?:textContent|innerText|allTextContents|allInnerTexts|getAttribute|inputValue)\([^;]*?\)\)?\s*,?\s*\)\s*\.to\w+\([^)]/;
  const paths = readdirSync(join(root, 'test/e2e')).filter((name) => !exempt.some((one) => name.startsWith(one)));
  expect(paths.length).toBeGreaterThan(30);
  const looks = paths.flatMap((name) => {
    const statements = readFileSync(join(root, 'test/e2e', name), 'utf8').split(';\n');
    return statements.filter((text) => once.test(text)).map((text) => `${name}: ${text.trim()}`);
  });
  expect(looks).toEqual([]);
});

it('no test sends a signal to a process of which it was not told', () => {
  // See test/support/told-pid.ts.
  const paths = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('house.test.ts'))
    .map((path) => join('test', path));
  const isBlind = (path: string) => /\bkill\(-?\s*(?:Number|parseInt)\b/.test(readFileSync(join(root, path), 'utf8'));
  expect(paths.filter(isBlind)).toEqual([]);
  for (const text of [undefined, '', '0', '-1', '\n', '12 13', 'x'])
    expect(() => toldPid(text)).toThrow('No process is named by');
  expect(toldPid('4711\n')).toBe(4711);
});

it.each(['agent', 'web', 'scripts', 'test'])('no signal depends on sources that nobody holds: %s', (room) => {
  // See agent/server/answers/in-time.ts.
  const paths = readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('house.test.ts'))
    .map((path) => join(room, path));
  expect(paths.filter((path) => /AbortSignal\.any\(/.test(readFileSync(join(root, path), 'utf8')))).toEqual([]);
});
