import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where the peers are kept between runs: outside of the project, of which they are no part. */
const downloadsDir: string = join(process.env.XDG_CACHE_HOME ?? tmpdir(), 'sse-tail-bench');

/**
 * A package from npm, without its install scripts.
 * @returns its folder @throws Error when it can't be had
 */
export async function npmPackage(name: string, version: string): Promise<string> {
  const prefix = join(downloadsDir, `${name}-${version}`);
  const folder = join(prefix, 'node_modules', name);
  if (!existsSync(join(folder, 'package.json'))) {
    await mkdir(prefix, { recursive: true });
    const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
    await run('npm', ['install', '--prefix', prefix, ...options, `${name}@${version}`], { timeout: 180_000 });
  }
  return folder;
}

/**
 * A file of Debian packages that are unpacked into the cache, not installed: no root needed, nothing on the machine
 * changes. A program that is installed anyway is preferred.
 * @param path the wanted file inside the packages, e.g. `usr/bin/websocketd`
 * @returns its path @throws Error when it can't be had
 */
export async function debianFile(packages: string[], path: string): Promise<string> {
  const installed = installedProgram(path);
  if (installed !== undefined) return installed;
  const folder = join(downloadsDir, 'debian');
  const wanted = join(folder, path);
  if (existsSync(wanted)) return wanted;
  await mkdir(folder, { recursive: true });
  const archives = await mkdtemp(join(folder, 'archives-'));
  try {
    await run('apt-get', ['download', '-q', ...packages], { cwd: archives, timeout: 180_000 });
    for (const archive of await readdir(archives)) await run('dpkg', ['-x', join(archives, archive), folder]);
  } finally {
    await rm(archives, { recursive: true, force: true });
  }
  if (!existsSync(wanted)) throw new Error(`${packages.join(', ')} has no ${path}`);
  return wanted;
}

function installedProgram(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name.endsWith('.so')) return existsSync(`/${path}`) ? `/${path}` : undefined;
  const dirs = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  return dirs.map((dir) => join(dir, name)).find((candidate) => existsSync(candidate));
}
