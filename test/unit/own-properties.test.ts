import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { minifySync, transformSync } from 'rolldown/utils';
import type { Plugin } from 'vite';
import { expect, it } from 'vitest';
import { compressScripts } from '../../scripts/compress-scripts.ts';
import { shortNames } from '../../scripts/own-properties.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** Names that the texts hold as words of their own. */
function ownIn(...texts: string[]): string[] {
  const words = new Set(texts.flatMap((text) => text.match(/[\w$]+/g) ?? []));
  return [...shortNames.keys()].filter((name) => words.has(name));
}

/** What runs, without types and comments. */
function codeIn(...directories: string[]): string[] {
  return sourcesIn(...directories).map(
    (text) => minifySync('a.js', transformSync('a.tsx', text).code, { compress: false, mangle: false }).code,
  );
}

function sourcesIn(...directories: string[]): string[] {
  return directories.flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.tsx?$/.test(path))
      .map((path) => read(join(directory, path))),
  );
}

it('has a short name for each', () => {
  expect(new Set(shortNames.values()).size).toBe(shortNames.size);
  expect(codeIn('web').filter((text) => /[.{,]\s*_[\da-z]{1,2}\b/.test(text))).toEqual([]);
});

it('has no name that the platform or a library knows', () => {
  // Every property of the DOM and of JavaScript that terser knows.
  expect(ownIn(read('node_modules/terser/tools/domprops.js'))).toEqual([]);
  const libraries = ['preact/dist/preact.mjs', 'preact/hooks/dist/hooks.mjs', 'ansi-to-html/lib/ansi_to_html.js'];
  expect(ownIn(...libraries.map((path) => read(`node_modules/${path}`)))).toEqual([]);
  expect([...shortNames.keys()].filter((name) => /^on[A-Z]/.test(name))).toEqual([]);
});

it('has no name that is sent, stored, or said to tabs of another version', () => {
  const others = ['web/app/settings.ts', 'web/several/frame.ts', 'web/several/seen.ts', 'web/stream/polled-stream.ts'];
  expect(
    ownIn(...sourcesIn('agent/words', 'agent/server', 'web/stream/sharing'), ...others.map((path) => read(path))),
  ).toEqual([]);
});

it('has no name that a text, an element or a style holds', () => {
  const texts = codeIn('web').flatMap((text) => [
    ...(text.match(/'[\w$]+'|"[\w$]+"|`[\w$]+`/g) ?? []),
    ...(text.match(/\bdataset\.\w+/g) ?? []),
  ]);
  expect(ownIn(...texts)).toEqual([]);
});

it('refuses a script in which a name would stay as it is, as another one that says it gets the short one', async () => {
  const [name = ''] = shortNames.keys();
  const { renderChunk } = compressScripts(['chrome111']) as Required<Plugin>;
  const compress = (code: string) => (renderChunk as unknown as Compress)(code, { fileName: 'a.js' });
  expect(await compress(`export const a = (b) => b.${name};`)).not.toContain(name);
  for (const code of [
    `export const ${name} = 1;`,
    `export const a = (b) => /(?<${name}>.)/.exec(b).groups.${name};`,
    `export const a = { '${name}': 1 };`,
  ]) {
    await expect(compress(code)).rejects.toThrow(`a.js says ${name}, which can't have short names.`);
  }
});

type Compress = (code: string, chunk: { fileName: string }) => Promise<string>;
