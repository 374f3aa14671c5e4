import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnSync } from './sync-child.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The built command line program. */
export const program: string = fileURLToPath(new URL('../../dist/agent/main.js', import.meta.url));

/** What the build reads; of packages, when they were installed. */
const sources = ['agent', 'web', 'scripts', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];
const packages = 'node_modules/.package-lock.json';
/** One of what each step of the build leaves. */
const outputs = ['agent/agent.d.ts', 'agent/main.js', 'web/index.html', 'web/logs.html', 'web/export/page.js'];

/**
 * vitest's global set-up: builds agent and page, so that the tests run what users run. `npm ci` has built them as well,
 * and a build takes as long as many a test.
 */
export default function setup(): void {
  if (isUpToDate()) return;
  // vitest's own NODE_ENV would make Vite build a page with everything that helps to develop it.
  const env = { ...process.env, NODE_ENV: 'production' };
  const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, encoding: 'utf8', env, timeout: 300_000 });
  if (built.status !== 0)
    throw new Error(`The build failed (${built.signal ?? built.status}):\n${built.stdout}${built.stderr}`);
}

/** Whether nothing was written or removed since the build. */
function isUpToDate(): boolean {
  const builtAt = outputs.map((path) => changedAt(join('dist', path)));
  if (builtAt.includes(undefined)) return false;
  const oldest = Math.min(...(builtAt as number[]));
  const read = [...sources.flatMap(withEverythingIn), packages].map(changedAt);
  return read.every((time) => time !== undefined && time < oldest);
}

/** A directory changes when a file in it is removed or renamed. */
function withEverythingIn(path: string): string[] {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  const names = readdirSync(join(root, path), { recursive: true, encoding: 'utf8' });
  return [path, ...names.map((name) => join(path, name))];
}

function changedAt(path: string): number | undefined {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs;
}
