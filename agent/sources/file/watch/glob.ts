import { lstat, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import picomatch from 'picomatch';
import { fsPath } from '../../../words/raw-text.ts';
import { entriesOf } from '../find/entries.ts';

/** A pattern for paths: `*`, `?`, `[a-z]`, `{a,b}`, `{1..9}` within a name, `**` for any directories. */
export interface Glob {
  /**
   * Paths of the files that match, relative to `cwd` where the pattern is, sorted; and the directories in which
   * matches may come.
   */
  expand(): Promise<{ paths: string[]; directories: string[] }>;
  /** Whether a path (absolute) would match. */
  matches(path: string): boolean;
  /** Whether a path (absolute) would match, or is a directory on the way to matches. */
  concerns(path: string): boolean;
}

/** `posix`: `[!a]` as shells have it. */
const matching = { posix: true };

export function isGlob(text: string): boolean {
  return picomatch.scan(withPlainParentheses(text)).isGlob;
}

/**
 * As a shell expands it: a name that begins with a dot has to be asked for, symlinked files match, and `**` does not
 * go into symlinked directories (which could lead in circles).
 *
 * @param exclude absolute; the directory is not looked into
 */
export function createGlob(pattern: string, cwd: string, exclude?: string): Glob {
  const { base: escapedBase, glob } = picomatch.scan(withPlainParentheses(pattern));
  const base = escapedBase.replace(/\\(.)/g, '$1');
  const root = resolve(cwd, base);
  const isMatch = picomatch(glob, matching);
  const way = createWay(glob);

  async function walk(directory: string, paths: string[], directories: string[]): Promise<void> {
    const here = join(root, directory);
    if (here === exclude) return;
    directories.push(here);
    for (const entry of await entriesOf(here)) {
      const path = join(directory, entry.name);
      const isLink = entry.isSymbolicLink();
      if (isMatch(path) && (entry.isFile() || entry.isFIFO() || (isLink && (await isFollowable(join(root, path)))))) {
        paths.push(join(base, path));
      } else if (way.leadsThrough(path) && (entry.isDirectory() || (isLink && !way.isOpenAt(path)))) {
        await walk(path, paths, directories);
      }
    }
  }

  /** Relative to the root; undefined for a path that is not below it. */
  function below(path: string): string | undefined {
    const rest = relative(root, path);
    return rest === '' || rest === '..' || rest.startsWith('../') ? undefined : rest;
  }

  return {
    async expand() {
      const paths: string[] = [];
      const directories: string[] = [];
      await walk('', paths, directories);
      return { paths: paths.sort(), directories };
    },
    matches(path) {
      const rest = below(path);
      return rest !== undefined && isMatch(rest);
    },
    concerns(path) {
      const rest = below(path);
      if (rest === undefined) return `${root}/`.startsWith(path === '/' ? path : `${path}/`);
      return isMatch(rest) || way.leadsThrough(rest);
    },
  };
}

/** Which directories can lead to matches. */
interface Way {
  leadsThrough(directory: string): boolean;
  /** Whether `**` stands for the directory: then there may be any number of them. */
  isOpenAt(directory: string): boolean;
}

function createWay(glob: string): Way {
  const parts = picomatch.scan(glob, { parts: true }).parts ?? [glob];
  const names = parts.map((part) => (isOpen(part) ? undefined : picomatch(part, matching)));
  const open = names.indexOf(undefined);
  const isHiddenAsked = parts.some((part) => part.startsWith('.'));

  return {
    leadsThrough(directory) {
      const steps = directory.split('/');
      if (open === -1 && steps.length >= names.length) return false;
      return steps.every((step, at) => {
        if (open !== -1 && at >= open) return isHiddenAsked || !step.startsWith('.');
        return names[at]?.(step);
      });
    },
    isOpenAt: (directory) => open !== -1 && directory.split('/').length > open,
  };
}

/** `**`, or alternatives of which one holds directories: any number of names. */
function isOpen(part: string): boolean {
  return part.includes('**') || part.includes('/');
}

/** `(`, `)` and a `!` in front are parts of names: patterns beyond those of a plain shell would surprise. */
function withPlainParentheses(pattern: string): string {
  return pattern.replace(/[()]|^!/g, '\\$&');
}

/** All files in a directory, or with `isDeep` also those in directories below it. */
export function globBelow(directory: string, cwd: string, isDeep: boolean, exclude?: string): Glob {
  const plain = directory.replace(/\/+$/, '').replace(/[\\*?[\]{}()!+@|]/g, '\\$&');
  return createGlob(`${plain}/${isDeep ? '**/' : ''}*`, cwd, exclude);
}

async function isFollowable(path: string): Promise<boolean> {
  try {
    const stats = await stat(fsPath(path));
    return stats.isFile() || stats.isFIFO();
  } catch {
    // A link whose target is not there yet will be one.
    return lstat(fsPath(path)).then(
      (stats) => stats.isSymbolicLink(),
      () => false,
    );
  }
}
