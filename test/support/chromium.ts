import { delimiter, join } from 'node:path';
import { canInstallPackages, installPackages } from './debian-packages.ts';
import { isExecutable } from './executable.ts';

/** Without windows: a page is there in a third of the time that the whole browser takes. Its engine is the same. */
const windowless = ['chromium-headless-shell', 'chrome-headless-shell'];
/** What readers have. */
const whole = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Path of a Chromium: `$CHROMIUM_PATH`, or the first in PATH, rather of this kind than of the other. */
export function findChromium(kind: 'windowless' | 'whole' = 'windowless'): string | undefined {
  const names = kind === 'windowless' ? [...windowless, ...whole] : [...whole, ...windowless];
  return process.env.CHROMIUM_PATH ?? firstInPath(names);
}

function firstInPath(names: readonly string[]): string | undefined {
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
  if (process.env.CHROMIUM_PATH !== undefined) return;
  if (canInstallPackages()) {
    if (firstInPath(whole) === undefined) installPackages(['chromium']);
    if (firstInPath(windowless) === undefined) installWindowless();
  }
  if (firstInPath(whole) === undefined) {
    throw new Error(
      'The end-to-end tests need Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM_PATH to its path.',
    );
  }
}

/** Ubuntu has none; all tests pass without it. */
function installWindowless(): void {
  try {
    installPackages(['chromium-headless-shell']);
  } catch (error) {
    console.log(`The tests take longer with the whole browser: ${(error as Error).message}`);
  }
}
