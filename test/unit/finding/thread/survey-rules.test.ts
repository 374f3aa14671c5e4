import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { rules } from '../../../../agent/finding/thread/survey-rules.ts';

const agent = fileURLToPath(new URL('../../../../agent/', import.meta.url));
const roots = ['finding/chunks/chunk-builder.ts', 'finding/chunks/chunk-bytes.ts', 'finding/survey/survey.ts'];
/** How lines are stored and sent has no say in what they say. */
const rooms = /^(?:text|finding)\//;

/** The modules and all that they import for more than their types. */
function modulesFrom(paths: readonly string[], known = new Set<string>()): Set<string> {
  for (const path of paths) {
    if (known.has(path) || !rooms.test(path)) continue;
    known.add(path);
    const imports = [
      ...readFileSync(join(agent, path), 'utf8').matchAll(/^(?:import|export) (?!type ).*? from '(\.[^']+)';$/gms),
    ];
    modulesFrom(
      imports.map(([, name = '']) => relative(agent, join(agent, dirname(path), name))),
      known,
    );
  }
  return known;
}

/** Without comments: these may change. */
function codeOf(path: string): string {
  return readFileSync(join(agent, path), 'utf8').replace(/^\s*(?:\/\*[\s\S]*?\*\/|\/\/.*)$\n/gm, '');
}

it('stands for the code that finds out about lines', () => {
  const modules = [...modulesFrom(roots)].sort();
  expect(modules).toEqual(
    expect.arrayContaining(['text/level.ts', 'text/time/timestamp.ts', 'finding/lines/edges.ts']),
  );
  const hash = createHash('sha256');
  for (const path of modules) hash.update(`${path}\n${codeOf(path)}\n`);
  // Where this fails, put what it is now into survey-rules.ts: kept surveys of the rules before are made anew then.
  expect(rules).toBe(hash.digest('base64url').slice(0, 12));
});
