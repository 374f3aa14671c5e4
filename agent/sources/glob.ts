import type { Dirent } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';

/** A pattern for paths: `*`, `?`, `[a-z]`, `{a,b}` within a name, `**` for any folders. */
export interface Glob {
  /** Paths of the files that match, relative to `cwd` where the pattern is, sorted; and the folders in which matches may come. */
  expand(): Promise<{ paths: string[]; folders: string[] }>;
  /** Whether a path (absolute) would match. */
  matches(path: string): boolean;
  /** Whether a path (absolute) would match, or is a folder on the way to matches. */
  concerns(path: string): boolean;
}

export function isGlob(text: string): boolean {
  return /[*?]|\[[^\]]+\]|\{[^}]*,[^}]*\}/.test(text);
}

/**
 * As a shell expands it: a name that begins with a dot has to be asked for, symlinked files match, and `**` does not
 * go into symlinked folders (which could lead in circles).
 */
export function createGlob(pattern: string, cwd: string): Glob {
  const alternatives = expandBraces(pattern).map((one) => ({
    root: isAbsolute(one) ? '/' : '',
    parts: one.split('/').filter((part) => part !== '' && part !== '.'),
  }));
  const absolute = alternatives.map(({ root, parts }) =>
    root === '/' ? parts : [...namesOf(cwd).map(escapeName), ...parts],
  );
  const expressions = absolute.map(pathExpression);
  const steps = absolute.map((parts) => parts.map((part) => (part === '**' ? undefined : nameExpression(part))));

  return {
    async expand() {
      const paths = new Set<string>();
      const folders = new Set<string>();
      for (const { root, parts } of alternatives) await walk(root, parts, cwd, paths, folders);
      return { paths: [...paths].sort(), folders: [...folders] };
    },
    matches(path) {
      return expressions.some((expression) => expression.test(path));
    },
    concerns(path) {
      const names = namesOf(path);
      return steps.some((parts) => {
        const open = parts.indexOf(undefined);
        const known = open === -1 ? parts : parts.slice(0, open);
        if (open === -1 && names.length > parts.length) return false;
        return known.every((expression, at) => names[at] === undefined || expression?.test(names[at]));
      });
    },
  };
}

async function walk(
  base: string,
  parts: string[],
  cwd: string,
  paths: Set<string>,
  folders: Set<string>,
): Promise<void> {
  const [part, ...rest] = parts;
  if (part === undefined) return;
  const here = resolve(cwd, base);
  if (part !== '**' && !isGlob(part)) {
    const next = join(base, part);
    if (rest.length > 0) return walk(next, rest, cwd, paths, folders);
    folders.add(here);
    if (await isFollowable(resolve(cwd, next))) paths.add(next);
    return;
  }
  folders.add(here);
  if (part === '**') await walk(base, rest.length > 0 ? rest : ['*'], cwd, paths, folders);
  const expression = part === '**' ? anyVisibleName : nameExpression(part);
  for (const entry of await entries(here)) {
    if (!expression.test(entry.name)) continue;
    const next = join(base, entry.name);
    if (part === '**') {
      if (entry.isDirectory()) await walk(next, parts, cwd, paths, folders);
    } else if (rest.length > 0) {
      if (entry.isDirectory() || entry.isSymbolicLink()) await walk(next, rest, cwd, paths, folders);
    } else if (entry.isFile() || entry.isFIFO()) {
      paths.add(next);
    } else if (entry.isSymbolicLink() && (await isFollowable(resolve(cwd, next)))) {
      paths.add(next);
    }
  }
}

async function entries(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

async function isFollowable(path: string): Promise<boolean> {
  try {
    const stats = await stat(path);
    return stats.isFile() || stats.isFIFO();
  } catch {
    // A link whose target is not there yet will be one.
    return lstat(path).then(
      (stats) => stats.isSymbolicLink(),
      () => false,
    );
  }
}

/** `a{b,c}d` to `abd`, `acd`; braces may be nested. */
export function expandBraces(pattern: string): string[] {
  const innermost = /\{([^{}]*,[^{}]*)\}/.exec(pattern);
  if (innermost === null) return [pattern];
  const [whole, choices = ''] = innermost;
  const before = pattern.slice(0, innermost.index);
  const after = pattern.slice(innermost.index + whole.length);
  return choices.split(',').flatMap((choice) => expandBraces(before + choice + after));
}

const anyVisibleName = /^[^.]/;

/** A regular expression for one name of a path. */
export function nameExpression(part: string): RegExp {
  return new RegExp(`^${nameSource(part)}$`, 's');
}

function nameSource(part: string): string {
  const source = part.replace(/\[([!^]?)(\]?[^\]]*)\]|[*?]|[.+^${}()|\\/[\]]/g, (found, not?: string, set?: string) => {
    if (found === '*') return '[^/]*';
    if (found === '?') return '[^/]';
    if (set !== undefined) return `[${not ? '^/' : ''}${set.replace(/[\\\]^[]/g, '\\$&')}]`;
    return `\\${found}`;
  });
  return /^[*?[]/.test(part) ? `(?!\\.)${source}` : source;
}

function pathExpression(parts: string[]): RegExp {
  const source = parts
    .map((part, index) => {
      const isLast = index === parts.length - 1;
      if (part === '**') return isLast ? '/(?!\\.)[^/]*(?:/(?!\\.)[^/]*)*' : '(?:/(?!\\.)[^/]+)*';
      return `/${nameSource(part)}`;
    })
    .join('');
  return new RegExp(`^${source}$`, 's');
}

function namesOf(path: string): string[] {
  return resolve(path).split('/').filter(Boolean);
}

/** A name so written that as a pattern it matches only itself. */
function escapeName(name: string): string {
  return name.replace(/[*?[{]/g, '[$&]');
}
