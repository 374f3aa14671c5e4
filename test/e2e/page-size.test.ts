import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

const built = 'dist/web';
const kilobyte = 1024;

/** A page's own script, and whatever scripts name in the way of `naming`. */
function scriptsOf(page: string, naming: RegExp): string[] {
  const [, entry = ''] = /<script[^>]* src="\.\/([^"]+)"/.exec(readFileSync(join(built, page), 'utf8')) ?? [];
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
const firstScripts = (page: string) => scriptsOf(page, /(?:from|import)\s*["']\.\/([^"']+\.js)["']/g);
/** With what is loaded later, and workers. */
const allScripts = (page: string) => scriptsOf(page, /["'`](?:\.\/)?([\w-]+-[\w-]{8}\.js)["'`]/g);

const sizeOf = (names: readonly string[]) =>
  names.reduce((sum, name) => sum + statSync(join(built, 'assets', name)).size, 0);

describe('the page loads fast because it is small:', () => {
  it.each(['index.html', 'logs.html'])('what %s runs at first is below 100 KB, uncompressed', (page) => {
    const scripts = firstScripts(page);
    expect(scripts.length).toBeGreaterThan(0);
    expect(sizeOf(scripts)).toBeLessThan(100 * kilobyte);
  });

  it.each(['index.html', 'logs.html'])('all scripts of %s together are below 200 KB', (page) => {
    const scripts = allScripts(page);
    expect(scripts).toEqual(expect.arrayContaining(firstScripts(page)));
    expect(sizeOf(scripts)).toBeLessThan(200 * kilobyte);
  });

  it('every style sheet is linked by a page: what loads later brings none', () => {
    const pages = ['index.html', 'logs.html'].map((page) => readFileSync(join(built, page), 'utf8')).join('');
    const styles = readdirSync(join(built, 'assets')).filter((name) => name.endsWith('.css'));
    expect(styles.length).toBeGreaterThan(0);
    for (const name of styles) expect(pages).toContain(`href="./assets/${name}"`);
  });

  it('every script is one of a page', () => {
    const known = new Set(['index.html', 'logs.html'].flatMap(allScripts));
    const scripts = readdirSync(join(built, 'assets')).filter((name) => name.endsWith('.js'));
    expect(scripts.filter((name) => !known.has(name))).toEqual([]);
  });

  it('what it takes over the line is there compressed, and the same', () => {
    const names = readdirSync(join(built, 'assets')).filter((name) => /\.(?:js|css)$/.test(name));
    const bytesOf = (name: string) => readFileSync(join(built, 'assets', name));
    const large = names.filter((name) => sizeOf([name]) >= kilobyte);
    expect(large.length).toBeGreaterThan(5);
    for (const name of large) {
      expect(brotliDecompressSync(bytesOf(`${name}.br`)).equals(bytesOf(name)), `${name}.br`).toBe(true);
      expect(gunzipSync(bytesOf(`${name}.gz`)).equals(bytesOf(name)), `${name}.gz`).toBe(true);
    }
  });
});
