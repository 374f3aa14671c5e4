import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hrefOf, type LinkTemplate, parseLinkTemplate } from '../../../agent/text/link-template.ts';

const href = (template: string, path: string, base?: string, column?: number) =>
  hrefOf(parseLinkTemplate(template) as LinkTemplate, { path, line: 12, column }, base);
const code = 'vscode://file/{path}:{line}:{column}';
const repository = 'https://example.org/o/r/blob/main/{path}#L{line}';

test.each([
  [code, '/home/me/a b.ts', undefined, 'vscode://file/home/me/a%20b.ts:12:1'],
  [code, 'C:\\src\\a.cs', undefined, 'vscode://file/C:/src/a.cs:12:1'],
  [code, 'src/a.ts', undefined, undefined],
  [code, 'src/../a.ts', '/home/me', 'vscode://file/home/me/a.ts:12:1'],
  [code, '/a\ud800.ts', undefined, undefined],
  [code, '../../../a.ts', '/home/me', undefined],
  ['idea://open?file={path}&line={line}', '/x/a.ts', undefined, 'idea://open?file=/x/a.ts&line=12'],
  ['idea://open?file={path}&line={line}', 'a.ts', undefined, undefined],
  [repository, './src/a.ts', undefined, 'https://example.org/o/r/blob/main/src/a.ts#L12'],
  [repository, 'src/../../../../../evil/a.ts', undefined, undefined],
  [repository, 'a.ts?x#y', undefined, 'https://example.org/o/r/blob/main/a.ts%3Fx%23y#L12'],
  [repository, '/home/me/a.ts', undefined, undefined],
  [repository, '/home/me/a.ts', '/home/me', 'https://example.org/o/r/blob/main/a.ts#L12'],
  [repository, '/home/meadow/a.ts', '/home/me', undefined],
])('%s with %s in %s is %s', (template, path, base, expected) => {
  expect(href(template, path, base)).toBe(expected);
});

test('the column is the line’s, if it has one', () => {
  expect(href(code, '/a.ts', undefined, 7)).toBe('vscode://file/a.ts:12:7');
});

test.each([
  'javascript://{path}',
  'JavaScript:alert({path})',
  'data://text/html,{path}',
  'file:///{path}',
  '{path}',
  '//host/{path}',
  'vscode://file/{line}',
  'vscode://file/{path}{nothing}',
  'https://example.org/"onclick={path}',
  'https://example.org/ {path}',
  '',
])('%s is no template', (text) => {
  expect(parseLinkTemplate(text)).toBeUndefined();
});

test('whatever a line names, scheme and host are those of the template', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(code, repository), (path, template) => {
      const found = href(template, path, '/home/me');
      if (found === undefined) return;
      const [given, made] = [new URL(template.replaceAll(/[{}]/g, '')), new URL(found)];
      expect([made.protocol, made.host, made.search]).toEqual([given.protocol, given.host, '']);
      if (template === repository) expect(made.pathname).toMatch(/^\/o\/r\/blob\/main\//);
    }),
  );
});
