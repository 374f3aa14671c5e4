import { execFileSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { isExecutable } from './executable.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Path of a Chromium to test with: `$CHROMIUM_PATH`, or the first of the usual names in PATH. */
export function findChromium(): string | undefined {
  const given = process.env.CHROMIUM_PATH;
  if (given !== undefined) return given;
  const dirs = (process.env.PATH ?? '').split(delimiter);
  return dirs.flatMap((dir) => names.map((name) => join(dir, name))).find(isExecutable);
}

/** What every test's Chromium is started with: nothing of the network but the page. */
export const chromiumArgs = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** vitest's global set-up: makes sure that there is a Chromium, and installs Debian's where that is allowed. */
export default function setup(): void {
  if (findChromium() !== undefined) return;
  if (process.platform === 'linux' && process.getuid?.() === 0 && isInstalled('apt-get')) {
    console.log('No Chromium found: installing it with apt-get.');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    execFileSync('apt-get', ['update', '-q'], { stdio: 'inherit', env });
    execFileSync('apt-get', ['install', '-q', '-y', 'chromium'], { stdio: 'inherit', env });
  }
  if (findChromium() === undefined) {
    throw new Error(
      'The end-to-end tests need Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM_PATH to its path.',
    );
  }
}

function isInstalled(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((dir) => isExecutable(join(dir, name)));
}
