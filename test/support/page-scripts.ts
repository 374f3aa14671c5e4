import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Where the page is built. */
export const built = 'dist/web';

/** Names of a page's own script and of whatever scripts name in the way of `naming`. */
function scriptsOf(page: string, naming: RegExp): string[] {
  const [, entry = ''] =
    /<(?:script[^>]* src|link rel="preload" href)="\.\/([^"]+)"/.exec(readFileSync(join(built, page), 'utf8')) ?? [];
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    const code = readFileSync(join(built, 'assets', name), 'utf8');
    for (const [, target = ''] of code.matchAll(naming)) visit(target);
  };
  visit(entry.replace('assets/', ''));
  return [...seen];
}

/** What is loaded before anything shows. */
export const firstScripts = (page: string) => scriptsOf(page, /(?:from|import)\s*["']\.\/([^"']+\.js)["']/g);
/** With what is loaded later, and workers. */
export const allScripts = (page: string) => scriptsOf(page, /["'`](?:\.\/)?([\w-]+-[\w-]{8}\.js)["'`]/g);

/** Bytes of built files, uncompressed. */
export const sizeOf = (names: readonly string[]) =>
  names.reduce((sum, name) => sum + statSync(join(built, 'assets', name)).size, 0);
