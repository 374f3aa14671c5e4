import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** Fewer bytes go out in one packet either way. */
const leastBytes = 1024;

const codings = {
  '.br': (bytes: Buffer) =>
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }),
  '.gz': (bytes: Buffer) => gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }),
};

/**
 * Puts beside scripts and styles what the agent answers to clients that take them compressed. Of the files as they were
 * written: Vite changes chunks until the last moment.
 */
export function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    writeBundle({ dir = '' }) {
      for (const name of readdirSync(join(dir, 'assets'))) {
        const path = join(dir, 'assets', name);
        const bytes = readFileSync(path);
        if (!/\.(?:js|css|svg)$/.test(name) || bytes.length < leastBytes) continue;
        for (const [ending, compress] of Object.entries(codings)) writeFileSync(path + ending, compress(bytes));
      }
    },
  };
}
