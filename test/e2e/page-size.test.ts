import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const built = 'dist/web';
const kilobyte = 1024;

/** Scripts that a page loads before it shows anything: its own and whatever those import. */
function firstScripts(page: string): string[] {
  const [, entry = ''] = /<script[^>]* src="\.\/([^"]+)"/.exec(readFileSync(join(built, page), 'utf8')) ?? [];
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    const code = readFileSync(join(built, 'assets', name), 'utf8');
    for (const [, target = ''] of code.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)) visit(target);
  };
  visit(entry.replace('assets/', ''));
  return [...seen];
}

const sizeOf = (names: readonly string[]) =>
  names.reduce((sum, name) => sum + statSync(join(built, 'assets', name)).size, 0);

describe('the page loads fast because it is small:', () => {
  it.each(['index.html', 'logs.html'])('what %s runs at first is below 100 KB, uncompressed', (page) => {
    const scripts = firstScripts(page);
    expect(scripts.length).toBeGreaterThan(0);
    expect(sizeOf(scripts)).toBeLessThan(100 * kilobyte);
  });

  it('all of its scripts together are below 200 KB', () => {
    expect(sizeOf(readdirSync(join(built, 'assets')).filter((name) => name.endsWith('.js')))).toBeLessThan(
      200 * kilobyte,
    );
  });
});
