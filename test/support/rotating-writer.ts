import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { gzipSync } from 'node:zlib';
import { execFileSync } from './sync-child.ts';

/** Writes numbered lines to a log and rotates it in all the ways that lose nothing. Remembers every line it wrote. */
export interface RotatingWriter {
  readonly written: readonly string[];
  /** What it did to its files, and behind which line. */
  readonly deeds: readonly string[];
  /** Does one thing at random. `arrived`: so many of the lines are known to have arrived. */
  step(arrived: number): void;
  /** Finishes a line that was begun. */
  finish(): void;
}

/** Rotated files that are kept though all their lines have arrived. */
const keptFiles = 5;

/** @param random gives numbers from 0 to 1 */
export function createRotatingWriter(path: string, random: () => number): RotatingWriter {
  const written: string[] = [];
  const deeds: string[] = [];
  /** How many lines had been written when the file now called `path.<n>` was rotated: newest first. */
  const rotatedAt: number[] = [];
  let isUnfinished = false;
  /** Lines written when the file at the path had its first byte. */
  let fileBeganAt = 0;
  writeFileSync(path, '');

  const between = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));

  return {
    written,
    deeds,
    finish,
    step(arrived) {
      const dice = random();
      if (dice < 0.7) append(between(1, 20), 120);
      else if (dice < 0.72) append(between(500, 3000), 300);
      else if (dice < 0.82) begin();
      // What was rotated before anybody followed is nobody's to read.
      else if (dice < 0.88 && arrived > 0) rotate(arrived);
      else if (dice < 0.92) compress();
      // Of a file of which nothing was read nobody can tell later that it was cut.
      else if (dice < 0.96 && arrived > fileBeganAt) copytruncate(arrived);
    },
  };

  function append(lines: number, longest: number): void {
    finish();
    let text = '';
    for (let count = 0; count < lines; count++) {
      const line = `${written.length} ${'x'.repeat(between(0, longest))}`;
      written.push(line);
      text += `${line}\n`;
    }
    appendFileSync(path, text);
  }

  function begin(): void {
    finish();
    appendFileSync(path, `${written.length} in two `);
    isUnfinished = true;
  }

  function finish(): void {
    if (!isUnfinished) return;
    isUnfinished = false;
    appendFileSync(path, 'writes\n');
    written.push(`${written.length} in two writes`);
  }

  function rotate(arrived: number): void {
    shift(arrived);
    renameSync(path, `${path}.1`);
    writeFileSync(path, '');
    deeds.push(`${written.length}: rotated`);
  }

  function copytruncate(arrived: number): void {
    shift(arrived);
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    deeds.push(`${written.length}: copytruncated`);
  }

  /** Makes room for `path.1`, and drops the oldest files where all of their lines have arrived. */
  function shift(arrived: number): void {
    finish();
    for (let last = rotatedAt.length; last > keptFiles && (rotatedAt[last - 1] ?? 0) <= arrived; last--) {
      rmSync(nameNow(last));
      deeds.push(`${written.length}: removed .${last}`);
      rotatedAt.pop();
    }
    for (let number = rotatedAt.length; number >= 1; number--) {
      const from = nameNow(number);
      renameSync(from, from.replace(/\.\d+(\.gz)?$/, `.${number + 1}$1`));
    }
    rotatedAt.unshift(written.length);
    fileBeganAt = written.length;
  }

  function nameNow(number: number): string {
    return existsSync(`${path}.${number}`) ? `${path}.${number}` : `${path}.${number}.gz`;
  }

  /** One of the rotated files, as gzip does it: the time of the last write stays, and the original goes last. */
  function compress(): void {
    const name = `${path}.${between(1, Math.max(1, rotatedAt.length))}`;
    if (!existsSync(name)) return;
    writeFileSync(`${name}.gz`, gzipSync(readFileSync(name)));
    // To the nanosecond, which Node can't.
    execFileSync('touch', ['-r', name, `${name}.gz`]);
    rmSync(name);
    deeds.push(`${written.length}: compressed ${name.slice(path.length)}`);
  }
}
