import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Everything a file of the project imports from the project, as paths from its root. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => match[1] as string);
  return specifiers.map((specifier) => relative(root, join(root, dirname(file), specifier)));
}

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.includes('node_modules'))
    .map((name) => join(folder, name));
}

/** Imports of the folder's files that none of the patterns allows, as `file -> import`. */
function strayImports(folder: string, allowed: RegExp[]): string[] {
  return filesIn(folder).flatMap((file) =>
    importsOf(file)
      .filter((target) => !allowed.some((pattern) => pattern.test(target)))
      .map((target) => `${file} -> ${target}`),
  );
}

const sharedWords = /^agent\/(line|wire|log|errors|selection)\.ts$/;
const pureText = /^agent\/text\//;
/** For those who read and write files. */
const pace = /^agent\/pace\.ts$/;

describe('imports run one way', () => {
  it('text takes shared words only', () => {
    expect(strayImports('agent/text', [sharedWords, pureText])).toEqual([]);
  });

  it('sources know nothing of journal and server', () => {
    expect(strayImports('agent/sources', [sharedWords, pace, /^agent\/sources\//])).toEqual([]);
  });

  it('the journal knows of sources only what a position is', () => {
    expect(
      strayImports('agent/journal', [sharedWords, pace, /^agent\/journal\//, /^agent\/sources\/source\.ts$/]),
    ).toEqual([]);
  });

  it("the server knows the journal's contracts only", () => {
    expect(
      strayImports('agent/server', [
        sharedWords,
        pureText,
        /^agent\/server\//,
        /^agent\/journal\/(journal|store)\.ts$/,
      ]),
    ).toEqual([]);
  });

  it('the page takes types and pure functions only', () => {
    expect(strayImports('web', [sharedWords, pureText, /^web\//])).toEqual([]);
  });
});

describe('what costs time and memory', () => {
  it('is not imported by an agent that follows files: running commands', () => {
    const packages = new Set<string>();
    const seen = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      const text = readFileSync(join(root, file), 'utf8');
      // Type imports are gone when it runs, and `import()` comes when it is needed.
      for (const [, specifier = ''] of text.matchAll(/^(?:import|export) (?!type )[^;]*?'([^']+)';$/gms)) {
        if (specifier.startsWith('.')) visit(join(dirname(file), specifier));
        else packages.add(specifier);
      }
    };
    visit('agent/main.ts');
    expect(packages).toContain('express');
    expect(packages).not.toContain('execa');
  });
});

describe('no circles', () => {
  it('among the files of agent and web', () => {
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (file: string, path: string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      if (done.has(file) || path.includes(file)) return;
      for (const target of importsOf(file).filter((name) => /\.tsx?$/.test(name))) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of [...filesIn('agent'), ...filesIn('web')]) visit(file, []);
    expect(circles).toEqual([]);
  });
});
