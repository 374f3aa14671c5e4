import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { execFileSync, spawnSync } from '../support/sync-child.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const readJson = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));

interface LockedPackage {
  dev?: boolean;
  resolved?: string;
  integrity?: string;
  hasInstallScript?: boolean;
  license?: string;
}

/** What comes along when sse-tail is installed, by its path in the lock file. */
const locked = Object.entries(readJson('package-lock.json').packages as Record<string, LockedPackage>);
const installed = locked.filter(([path, { dev }]) => path !== '' && dev !== true);

describe('the published package', () => {
  it('holds what runs, its types, and what people read first; nothing else', () => {
    const printed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [{ files }] = JSON.parse(printed);
    const paths: string[] = files.map(({ path }: { path: string }) => path);
    const expected =
      /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|docs\/sse-tail\.1|dist\/agent\/licenses\.txt|dist\/agent\/.+\.(?:js|d\.ts)|dist\/web\/(?:manifest\.webmanifest|assets\/.+\.png)|dist\/web\/.+\.(?:html|(?:js|css)(?:\.br|\.gz)?))$/;
    expect(paths.filter((path) => !expected.test(path))).toEqual([]);
    for (const path of [
      'dist/agent/main.js',
      'dist/agent/agent.js',
      'dist/agent/agent.d.ts',
      'dist/agent/licenses.txt',
      'dist/web/index.html',
      'LICENSE',
    ]) {
      expect(paths).toContain(path);
    }
    const main = files.find(({ path }: { path: string }) => path === 'dist/agent/main.js');
    expect(readFileSync(join(root, 'dist/agent/main.js'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(main.size).toBeGreaterThan(0);
  });

  it('can be run as it stands in the package', () => {
    expect(statSync(join(root, 'dist/agent/main.js')).mode & 0o111).toBe(0o111);
  });

  it.skipIf(!('enableCompileCache' in nodeModule))('keeps what is compiled in the cache of its user', () => {
    const cache = mkdtempSync(join(tmpdir(), 'sse-tail-cache-'));
    const env = { ...process.env, XDG_CACHE_HOME: cache };
    const main = join(root, 'dist/agent/main.js');
    expect(execFileSync(process.execPath, [main, '--version'], { encoding: 'utf8', env })).toMatch(/^sse-tail \d/);
    expect(readdirSync(join(cache, 'sse-tail/compiled'), { recursive: true }).length).toBeGreaterThan(1);
    rmSync(cache, { recursive: true });
  });

  it('says whose it is, and where it is made', () => {
    const { author, homepage, repository, bugs } = readJson('package.json');
    expect(author).toBeTruthy();
    for (const url of [homepage, repository.url, bugs]) expect(url).toMatch(/^(git\+)?https:\/\//);
  });

  it('runs nothing when it is installed', () => {
    const { scripts } = readJson('package.json');
    for (const name of ['preinstall', 'install', 'postinstall']) expect(scripts).not.toHaveProperty(name);
  });
});

describe('what it depends on', () => {
  it('says under which licenses packages are built in', () => {
    const licenses = readFileSync(join(root, 'dist/agent/licenses.txt'), 'utf8');
    expect(builtIn()).toContain('express');
    for (const name of builtIn())
      expect(licenses).toMatch(new RegExp(`^${name} [\\d.]+ \\((MIT|ISC|Apache-2.0|BSD.*)\\)`, 'm'));
  });

  it('runs nothing when it is installed', () => {
    expect(installed.length).toBeGreaterThan(2);
    expect(installed.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)).toEqual([]);
    for (const [path] of installed) {
      const manifest = readIfThere(join(path, 'package.json'));
      for (const name of ['preinstall', 'install', 'postinstall']) {
        expect([path, name, manifest?.scripts?.[name]]).toEqual([path, name, undefined]);
      }
    }
  });

  it('is locked to bytes of the public registry', () => {
    for (const [path, { resolved, integrity }] of installed) {
      // npm leaves it out for those that are for another system than the one it ran on.
      expect(resolved ?? 'https://registry.npmjs.org/').toMatch(/^https:\/\/registry\.npmjs\.org\//);
      expect([path, integrity]).toEqual([path, expect.stringMatching(/^sha512-/)]);
    }
  });

  it('is locked completely: `npm ci` takes the lock file, and `npm install` leaves it as it is', () => {
    const copy = mkdtempSync(join(tmpdir(), 'sse-tail-lock-'));
    try {
      for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(root, name), join(copy, name));
      const npm = (...args: string[]) => execFileSync('npm', args, { cwd: copy, stdio: 'pipe' });
      npm('ci', '--dry-run', '--ignore-scripts', '--no-audit', '--no-fund');
      npm('install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund');
      const before = readFileSync(join(root, 'package-lock.json'), 'utf8');
      expect(readFileSync(join(copy, 'package-lock.json'), 'utf8')).toBe(before);
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });

  it('has no known weakness, nor have the packages that are built into it', (context) => {
    const { stdout } = spawnSync('npm', ['audit', '--json'], { cwd: root, encoding: 'utf8' });
    const report = parse(stdout);
    if (report?.metadata === undefined) {
      return context.skip(`npm audit could not ask the registry: ${report?.message ?? 'no answer'}`);
    }
    const names = new Set([...installed.map(([path]) => path.replace(/^.*node_modules\//, '')), ...builtIn()]);
    expect(Object.keys(report.vulnerabilities).filter((name) => names.has(name))).toEqual([]);
  });
});

/** The names of the packages whose code is in `dist/agent`, as its file of licenses lists them. */
function builtIn(): string[] {
  const licenses = readFileSync(join(root, 'dist/agent/licenses.txt'), 'utf8');
  return licenses.split('\n\n---\n\n').map((license) => /^(\S+) /.exec(license)?.[1] ?? '');
}

function readIfThere(path: string) {
  try {
    return readJson(path);
  } catch {
    // Optional, for another system than this one.
    return undefined;
  }
}

function parse(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
