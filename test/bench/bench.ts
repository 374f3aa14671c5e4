import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Program, ProgramName } from './programs/program.ts';
import { createPrograms } from './programs/programs.ts';
import type { Entrant, Sample } from './row.ts';

/** What the rows share: size of the work, folders, programs, and what has to be ended after a row. */
export interface Bench {
  readonly isSmoke: boolean;
  /** How much to do: all of it, or little enough for a check in CI. */
  size(full: number, smoke: number): number;
  /** A new empty folder, removed at the end of the row. */
  folder(): string;
  /** Entrants for those programs that can be had and that do what is measured. */
  programs(names: ProgramName[], measure: (program: Program) => Promise<Sample>): Promise<Entrant[]>;
  /** Called at the end of the row, last one first. */
  atEnd(close: () => Promise<void> | void): void;
  endRow(): Promise<void>;
}

export function createBench({ isSmoke }: { isSmoke: boolean }): Bench {
  const programs = createPrograms({ withDownloads: !isSmoke });
  const closings: (() => Promise<void> | void)[] = [];

  return {
    isSmoke,
    size: (full, smoke) => (isSmoke ? smoke : full),
    folder() {
      const path = mkdtempSync(join(tmpdir(), 'sse-tail-bench-'));
      closings.push(() => rmSync(path, { recursive: true, force: true }));
      return path;
    },
    programs: (names, measure) =>
      Promise.all(
        names.map(async (name) => {
          const program = await programs.get(name);
          const absent = () => Promise.reject(new Error(typeof program === 'string' ? program : undefined));
          return { name, measure: typeof program === 'string' ? absent : () => measure(program) };
        }),
      ),
    atEnd: (close) => void closings.push(close),
    async endRow() {
      for (let close = closings.pop(); close !== undefined; close = closings.pop()) await close();
    },
  };
}
