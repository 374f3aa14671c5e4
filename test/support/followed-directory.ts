import { appendFileSync, mkdtempSync, readdirSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { createFileSource, type FollowOptions } from '../../agent/sources/file/file.ts';
import type { Source } from '../../agent/sources/source.ts';
import { createRecordingSink, type RecordingSink } from './recording-sink.ts';

/** A source that follows files, and what it gave. */
export interface Following {
  sink: RecordingSink;
  source: Source;
  /** Resolves when exactly these lines have come, in this order. */
  has(...lines: string[]): Promise<void>;
  stop(): Promise<void>;
}

/** A directory of its own for each test, with a log in it that is written, rotated and followed. */
export interface FollowedDirectory {
  readonly directory: string;
  /** `app.log` in the directory, unless a test says otherwise. */
  path: string;
  /** In the directory. */
  at(...names: string[]): string;
  /** Follows `path`, or what the options say; stopped after the test. */
  follow(options?: Partial<FollowOptions>): Promise<Following>;
  write(text: string, to?: string): void;
  append(text: string, to?: string): void;
  /** Renames `path` to another name in the directory. */
  rotateTo(name: string): void;
}

export function followedDirectory(): FollowedDirectory {
  let directory: string;
  let running: Source[];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sse-tail-follow-'));
    stage.path = join(directory, 'app.log');
    running = [];
  });

  afterEach(async () => {
    for (const source of running) await source.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const stage: FollowedDirectory = {
    get directory() {
      return directory;
    },
    path: '',
    at: (...names) => join(directory, ...names),
    async follow(options = {}) {
      const sink = createRecordingSink();
      const source = createFileSource({ paths: [stage.path], start: 'all', cwd: directory, ...options });
      running.push(source);
      await source.start(sink);
      return {
        sink,
        source,
        async has(...lines) {
          await sink.until(() => sink.lines.length >= lines.length, `${lines.length} lines`);
          expect(sink.lines).toEqual(lines);
        },
        async stop() {
          running.splice(running.indexOf(source), 1);
          await source.stop();
        },
      };
    },
    write: (text, to = stage.path) => writeFileSync(to, text),
    append: (text, to = stage.path) => appendFileSync(to, text),
    rotateTo: (name) => renameSync(stage.path, join(directory, name)),
  };
  return stage;
}

/** Paths of the files that this process has open (proc(5), fd). */
export function openFiles(): string[] {
  return readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return 'closed meanwhile';
    }
  });
}

export const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `line ${from + at}`);

export const textOf = (lines: string[]) => lines.map((line) => `${line}\n`).join('');
