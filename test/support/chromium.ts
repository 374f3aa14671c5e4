import { delimiter, join } from 'node:path';
import { canInstallPackages, installPackages } from './debian-packages.ts';
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
  if (canInstallPackages()) installPackages(['chromium']);
  if (findChromium() === undefined) {
    throw new Error(
      'The end-to-end tests need Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM_PATH to its path.',
    );
  }
}
