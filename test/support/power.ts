import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from './sync-child.ts';

/** A disk that the power of which can fail. */
export interface FailingDisk extends Disposable {
  readonly path: string;
  /** The disk as it is found when the power comes back: what the system had not brought to it yet is lost. */
  afterPowerLoss(): FailingDisk;
}

const MiB = 1024 * 1024;

/** An ext4 file system in a file; undefined where we may not mount one. */
export function mountFailingDisk(): FailingDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'sse-tail-test-'));
  const image = join(folder, 'image');
  try {
    execFileSync('truncate', ['-s', String(64 * MiB), image], { stdio: 'ignore' });
    execFileSync('mkfs.ext4', ['-q', '-F', image], { stdio: 'ignore' });
    return mountImage(folder, image);
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
}

function mountImage(folder: string, image: string): FailingDisk {
  const path = mkdtempSync(join(folder, 'mounted-'));
  // Of its own accord the system writes nothing for as long as a test takes.
  execFileSync('mount', ['-o', 'loop,commit=300', image, path], { stdio: 'ignore' });
  return {
    path,
    afterPowerLoss() {
      const next = mkdtempSync(join(tmpdir(), 'sse-tail-test-'));
      const copy = join(next, 'image');
      copyFileSync(image, copy);
      return mountImage(next, copy);
    },
    [Symbol.dispose]() {
      execFileSync('umount', ['-l', path]);
      rmSync(folder, { recursive: true });
    },
  };
}
