import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The built command line program. */
export const program: string = fileURLToPath(new URL('../../dist/agent/main.js', import.meta.url));

/** vitest's global set-up: builds agent and page, so that the tests run what users run. */
export default function setup(): void {
  // vitest's own NODE_ENV would make Vite build a page with everything that helps to develop it.
  const env = { ...process.env, NODE_ENV: 'production' };
  const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, encoding: 'utf8', env });
  if (built.status !== 0) throw new Error(`The build failed:\n${built.stdout}${built.stderr}`);
}
