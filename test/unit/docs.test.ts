import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { helpText } from '../../agent/cli/help/help.ts';
import { subcommands, type Task } from '../../agent/cli/options/subcommands.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const markdownIn = (directory: string) =>
  readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(directory, name));
const pages = [...readdirSync(root).filter((name) => name.endsWith('.md')), ...markdownIn('docs')];

/** As GitHub makes anchors of headings. */
function anchorsOf(page: string): string[] {
  const headings = [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe.each(pages)('%s', (page) => {
  it('links to what is there', () => {
    const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    const broken = links.filter((link) => {
      if (/^[a-z]+:/.test(link)) return false;
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      return !existsSync(join(root, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  it('has as many cells in each row of a table as in its head', () => {
    // GitHub splits at a `|` in code, too, and drops the cells that the head has no column for.
    const cells = (row: string) => row.split(/(?<!\\)\|/).length;
    const tables = read(page)
      .replace(/^```.*?^```/gms, '')
      .matchAll(/(?:^\|.*\n)+/gm);
    const uneven = [...tables].flatMap(([table]) => {
      const [head = '', ...rows] = table.trimEnd().split('\n');
      return rows.filter((row) => cells(row) !== cells(head));
    });
    expect(uneven).toEqual([]);
  });
});

describe('what users read', () => {
  const texts: [string, string][] = [
    ...pages.filter((page) => !page.includes('american-spelling')).map((page): [string, string] => [page, read(page)]),
    ...(['stream', ...Object.keys(subcommands)] as Task[]).map((task): [string, string] => [
      `${task} --help`,
      helpText(task),
    ]),
    ...[
      'agent/cli/sentences.ts',
      'agent/agent.ts',
      'agent/agent-options.ts',
      'web/words.ts',
      'web/late-words.ts',
      'web/logs-words.ts',
      'package.json',
    ].map((path): [string, string] => [path, read(path)]),
  ];

  it.each(texts)('%s is in American spelling and uses the words of CONTRIBUTING', (_, text) => {
    const notOurs = /colour|licence|behaviour|\bgrey\b|\bfolders?\b|lasting log|cancelled/gi;
    // CONTRIBUTING has a table of words that are not ours.
    const own = text.replace(/^## Words\n.*?(?=^- )/ms, '');
    expect([...own.matchAll(notOurs)].map(([word]) => word)).toEqual([]);
  });
});

it.each(pages.filter((page) => page.startsWith('docs/guide')))('%s quotes messages that there are', (page) => {
  const sources = ['agent', 'web'].flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => read(join(top, name))),
  );
  const text = read(page).replace(/^```.*?^```/gms, '');
  const quotes = [...text.matchAll(/"([A-Z…][^"\n]* [^"\n]*[.…a-z])"/g)].map(([, quote = '']) => quote);
  // What differs from time to time is an ellipsis in the docs, and an expression in the source.
  const fragments = quotes.flatMap((quote) => quote.split('…')).map((one) => one.replace(/^[\s.:]+|[\s.:]+$/g, ''));
  expect(fragments.filter((fragment) => !sources.some((source) => source.includes(fragment)))).toEqual([]);
  if (page.endsWith('troubleshooting.md')) expect(quotes.length).toBeGreaterThan(4);
});

it('the picture of the directories in docs/architecture.md names them all', () => {
  const picture = /## The directories\n(.*?)\n### /s.exec(read('docs/architecture.md'))?.[1] ?? '';
  const directories = ['agent', 'web'].flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name),
  );
  expect(directories.length).toBeGreaterThan(30);
  expect(directories.filter((name) => !new RegExp(`\\b${name}\\b`).test(picture))).toEqual([]);
});

describe('decision records', () => {
  const names = readdirSync(join(root, 'docs/decisions')).sort();

  it('are numbered without gap', () => {
    expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, index) => index + 1));
  });

  it.each(names)('%s begins with its number, and a date', (name) => {
    const [title = '', , date = ''] = read(`docs/decisions/${name}`).split('\n');
    expect(title).toMatch(new RegExp(`^# ${Number(name.slice(0, 4))}\\. `));
    expect(date).toMatch(/^\d{4}-\d\d-\d\d(, changed \d{4}-\d\d-\d\d)?$/);
  });
});
