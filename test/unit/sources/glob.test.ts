import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGlob, expandBraces, isGlob, nameExpression } from '../../../agent/sources/glob.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sse-tail-glob-'));
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
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), '');
  }
  symlinkSync('a.log', join(folder, 'link.log'));
  symlinkSync('..', join(folder, 'x', 'up'));
});

afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['*.log', ['a.log', 'b.log', 'link.log', 'weird[1].log']],
  ['?.log', ['a.log', 'b.log']],
  ['[ab].*', ['a.log', 'b.log', 'b.txt']],
  ['[!a].log', ['b.log']],
  ['.*.log', ['.hidden.log']],
  ['{a,b}.{log,txt}', ['a.log', 'b.log', 'b.txt']],
  ['*/a.log', ['x/a.log']],
  ['**/*.log', ['a.log', 'b.log', 'link.log', 'weird[1].log', 'x/a.log', 'x/y/c.log']],
  ['x/**', ['x/a.log', 'x/y/c.log']],
  ['x/../*.txt', ['b.txt']],
  ['missing/*', []],
])('%s', async (pattern, expected) => {
  expect((await createGlob(pattern, folder).expand()).paths).toEqual(expected);
});

test('an absolute pattern gives absolute paths', async () => {
  expect((await createGlob(`${folder}/*.txt`, '/').expand()).paths).toEqual([join(folder, 'b.txt')]);
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

test('the folders in which matches may come are those to watch', async () => {
  const { folders } = await createGlob('x/*/c.log', folder).expand();
  expect(folders).toEqual(expect.arrayContaining([join(folder, 'x'), join(folder, 'x/y')]));
  expect(folders).not.toContain(folder);
});

test.each([
  ['a{b,c}d', ['abd', 'acd']],
  ['{a,b}{1,2}', ['a1', 'a2', 'b1', 'b2']],
  ['{a,{b,c}}', ['a', 'b', 'c']],
  ['a{b}c', ['a{b}c']],
  ['a{b', ['a{b']],
])('the braces of %s', (pattern, expected) => {
  expect([...new Set(expandBraces(pattern))].sort()).toEqual(expected);
});

test('characters that mean something in regular expressions mean themselves', () => {
  expect(nameExpression('a+b(1).log').test('a+b(1).log')).toBe(true);
  expect(nameExpression('a.log').test('axlog')).toBe(false);
  expect(nameExpression('[]]').test(']')).toBe(true);
});

test.each([
  ['app.log', false],
  ['*.log', true],
  ['a?', true],
  ['[ab]', true],
  ['{a,b}', true],
  ['{a}', false],
  ['a[', false],
])('%s is a pattern: %s', (text, expected) => {
  expect(isGlob(text)).toBe(expected);
});
