import { fileURLToPath } from 'node:url';
import { spawnSync } from './sync-child.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The built command line program. */
export const program: string = fileURLToPath(new URL('../../dist/agent/main.js', import.meta.url));

/** vitest's global set-up: builds agent and page, so that the tests run what users run. */
export default function setup(): void {
  // vitest's own NODE_ENV would make Vite build a page with everything that helps to develop it.
  const env = { ...process.env, NODE_ENV: 'production' };
  const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, encoding: 'utf8', env, timeout: 300_000 });
  if (built.status !== 0)
    throw new Error(`The build failed (${built.signal ?? built.status}):\n${built.stdout}${built.stderr}`);
}
