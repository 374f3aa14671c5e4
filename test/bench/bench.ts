import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Program, ProgramName } from './programs/program.ts';
import { createPrograms, isDownloaded } from './programs/programs.ts';
import type { Entrant, Sample } from './row.ts';

/** What the rows share: size of the work, folders, programs, and what has to be ended after a row. */
export interface Bench {
  readonly isSmoke: boolean;
  /** How much to do: all of it, or little enough for a check in CI. */
  size(full: number, smoke: number): number;
  /** A new empty folder, removed at the end of the row. */
  folder(): string;
  /** Entrants for these programs; without those that have to be downloaded in the small version. */
  programs(names: ProgramName[], measure: (program: Program) => Promise<Sample>): Promise<Entrant[]>;
  /** Called at the end of the row, last one first. */
  atEnd(close: () => Promise<void> | void): void;
  endRow(): Promise<void>;
}

export function createBench({ isSmoke }: { isSmoke: boolean }): Bench {
  const programs = createPrograms();
  const closings: (() => Promise<void> | void)[] = [];

  return {
    isSmoke,
    size: (full, smoke) => (isSmoke ? smoke : full),
    folder() {
      const path = mkdtempSync(join(tmpdir(), 'sse-tail-bench-'));
      closings.push(() => rmSync(path, { recursive: true, force: true }));
      return path;
    },
    async programs(names, measure) {
      const wanted = isSmoke ? names.filter((name) => !isDownloaded(name)) : names;
      return Promise.all(wanted.map(async (name) => entrantOf(name, await programs.get(name), measure)));
    },
    atEnd: (close) => void closings.push(close),
    async endRow() {
      for (let close = closings.pop(); close !== undefined; close = closings.pop()) await close();
    },
  };
}

function entrantOf(
  name: ProgramName,
  program: Program | string,
  measure: (program: Program) => Promise<Sample>,
): Entrant {
  if (typeof program !== 'string') return { name, measure: () => measure(program) };
  return { name, measure: () => Promise.reject(new Error(program)) };
}
