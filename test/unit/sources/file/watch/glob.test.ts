import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGlob, isGlob } from '../../../../../agent/sources/file/watch/glob.ts';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sse-tail-glob-'));
  for (const path of [
    'a.log',
    'b.log',
    'b.txt',
    '.hidden.log',
    'x/a.log',
    'x/y/c.log',
    'x/.git/d.log',
    'weird[1].log',
  ]) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), '');
  }
  symlinkSync('a.log', join(directory, 'link.log'));
  symlinkSync('..', join(directory, 'x', 'up'));
});

afterAll(() => rmSync(directory, { recursive: true }));

test.each([
  ['*.log', ['a.log', 'b.log', 'link.log', 'weird[1].log']],
  ['?.log', ['a.log', 'b.log']],
  ['[ab].*', ['a.log', 'b.log', 'b.txt']],
  ['[!a].log', ['b.log']],
  ['.*.log', ['.hidden.log']],
  ['{a,b}.{log,txt}', ['a.log', 'b.log', 'b.txt']],
  ['{x,x/y}/*.log', ['x/a.log', 'x/y/c.log']],
  ['x{,/y}/*.log', ['x/a.log', 'x/y/c.log']],
  ['weird[[]{1..3}].log', ['weird[1].log']],
  ['x/.git/*.log', ['x/.git/d.log']],
  ['**/.git/*.log', ['x/.git/d.log']],
  ['*/a.log', ['x/a.log']],
  ['**/*.log', ['a.log', 'b.log', 'link.log', 'weird[1].log', 'x/a.log', 'x/y/c.log']],
  ['x/**', ['x/a.log', 'x/y/c.log']],
  ['x/../*.txt', ['b.txt']],
  ['missing/*', []],
])('%s', async (pattern, expected) => {
  expect((await createGlob(pattern, directory).expand()).paths).toEqual(expected);
});

test('an absolute pattern gives absolute paths', async () => {
  expect((await createGlob(`${directory}/*.txt`, '/').expand()).paths).toEqual([join(directory, 'b.txt')]);
});

test('what is expanded matches, and what is not does not', () => {
  const glob = createGlob('logs/**/*.log', '/srv/[app]');
  expect(glob.matches('/srv/[app]/logs/a.log')).toBe(true);
  expect(glob.matches('/srv/[app]/logs/x/y/a.log')).toBe(true);
  expect(glob.matches('/srv/[app]/logs/x/.y/a.log')).toBe(false);
  expect(glob.matches('/srv/a/logs/a.log')).toBe(false);
});

describe('whether a new name concerns a glob', () => {
  const glob = createGlob('logs/*/app-*.log', '/srv');

  test.each([
    ['/srv/logs', true],
    ['/srv/logs/x', true],
    ['/srv/logs/x/app-1.log', true],
    ['/srv/logs/x/other', false],
    ['/srv/other', false],
    ['/srv/logs/x/app-1.log/y', false],
  ])('%s: %s', (path, expected) => {
    expect(glob.concerns(path)).toBe(expected);
  });

  test('below ** everything does', () => {
    expect(createGlob('/srv/**/*.log', '/').concerns('/srv/a/b/c')).toBe(true);
    expect(createGlob('/srv/**/*.log', '/').concerns('/var/a')).toBe(false);
  });
});

test('the directories in which matches may come are those to watch', async () => {
  const { directories } = await createGlob('x/*/c.log', directory).expand();
  expect(directories).toEqual(expect.arrayContaining([join(directory, 'x'), join(directory, 'x/y')]));
  expect(directories).not.toContain(directory);
});

test('what means something in other pattern languages means itself', () => {
  const matches = (pattern: string, name: string) => createGlob(pattern, '/srv').matches(join('/srv', name));
  expect(matches('a+b(1).*', 'a+b(1).log')).toBe(true);
  expect(matches('a+b(1).*', 'aab1.log')).toBe(false);
  expect(matches('!a*', '!ab')).toBe(true);
  expect(matches('!a*', 'b')).toBe(false);
  expect(matches('[]]*', ']')).toBe(true);
  expect(matches('@(a|b)*', 'a')).toBe(false);
});

test.each([
  ['app.log', false],
  ['*.log', true],
  ['a?', true],
  ['[ab]', true],
  ['{a,b}', true],
  ['{a}', false],
  ['a[', false],
  ['app (1).log', false],
  ['!app.log', false],
  ['app-{1..3}.log', true],
])('%s is a pattern: %s', (text, expected) => {
  expect(isGlob(text)).toBe(expected);
});
