import { delimiter, join } from 'node:path';
import { canInstallPackages, installPackages } from './debian-packages.ts';
import { isExecutable } from './executable.ts';

/** Programs that rotate logs, and the Debian packages that have them. */
const packages = {
  logrotate: 'logrotate',
  savelog: 'debianutils',
  multilog: 'daemontools',
  svlogd: 'runit',
  's6-log': 's6',
  python3: 'python3-minimal',
};
export type Rotator = keyof typeof packages;

/** Installs those that are missing where that is allowed. Returns the names of those that there are not. */
export function installRotators(): Rotator[] {
  if (missing().length > 0 && canInstallPackages()) {
    try {
      installPackages(missing().map((name) => packages[name]));
    } catch {
      // The tests say which ones are missing.
    }
  }
  return missing();
}

export const howToInstall = (names: readonly Rotator[]) =>
  `There is no ${names.join(', no ')}: apt-get install ${names.map((name) => packages[name]).join(' ')} (Debian).`;

function missing(): Rotator[] {
  const dirs = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  return (Object.keys(packages) as Rotator[]).filter((name) => !dirs.some((dir) => isExecutable(join(dir, name))));
}
