import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { allScripts, built, firstScripts, sizeOf } from '../support/page-scripts.ts';

const kilobyte = 1024;

describe('the page loads fast because it is small:', () => {
  it.each(['index.html', 'logs.html'])('what %s runs at first is one script below 100 KB, uncompressed', (page) => {
    const scripts = firstScripts(page);
    // Another one would take a connection of its own: two round trips.
    expect(scripts).toHaveLength(1);
    expect(sizeOf(scripts)).toBeLessThan(100 * kilobyte);
  });

  it.each(['index.html', 'logs.html'])('all scripts of %s together are below 200 KB', (page) => {
    const scripts = allScripts(page);
    expect(scripts).toEqual(expect.arrayContaining(firstScripts(page)));
    expect(sizeOf(scripts)).toBeLessThan(200 * kilobyte);
  });

  it('styles come with the documents: nothing waits for a style sheet', () => {
    for (const page of ['index.html', 'logs.html']) {
      const document = readFileSync(join(built, page), 'utf8');
      expect(document).toMatch(/<style>[^<]{5000}/);
      expect(document).not.toContain('rel="stylesheet"');
    }
    expect(readdirSync(join(built, 'assets')).filter((name) => name.endsWith('.css'))).toEqual([]);
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
