import { delimiter, join } from 'node:path';
import { isExecutable } from './executable.ts';
import { execFileSync } from './sync-child.ts';

/** Whether packages can be installed here: by root, where there is apt-get. */
export function canInstallPackages(): boolean {
  const dirs = (process.env.PATH ?? '').split(delimiter);
  return (
    process.platform === 'linux' && process.getuid?.() === 0 && dirs.some((dir) => isExecutable(join(dir, 'apt-get')))
  );
}

/** Installs Debian packages, and says so. Throws where that fails, or takes longer than five minutes. */
export function installPackages(names: readonly string[]): void {
  console.log(`Installing ${names.join(' ')} with apt-get.`);
  // A server that its package starts at once (invoke-rc.d(8): not in run level 1) would outlive the tests, and hold
  // their output open.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const run = (...args: string[]) =>
    execFileSync('apt-get', args, { stdio: ['ignore', 'ignore', 'pipe'], env, timeout: 300_000 });
  run('update', '-q');
  run('install', '-q', '-y', '--no-install-recommends', ...names);
}
