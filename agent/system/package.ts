import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's directory: this file runs from `agent/` in tests and from `dist/agent/` when built. */
const root = nearestWith('package.json', dirname(fileURLToPath(import.meta.url)));

/** The package's version. */
export const version: string = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;

/** Where the built page is. */
export const viewerDir: string = join(root, 'dist', 'web');

function nearestWith(name: string, dir: string): string {
  return existsSync(join(dir, name)) ? dir : nearestWith(name, dirname(dir));
}
