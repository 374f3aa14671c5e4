import { AsyncLocalStorage } from 'node:async_hooks';
import { appendFileSync, mkdtempSync, readdirSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aroundEach, expect } from 'vitest';
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

/** Of one test; others may run beside it. */
interface Own {
  directory: string;
  path: string;
  running: Source[];
}

export function followedDirectory(): FollowedDirectory {
  const owns = new AsyncLocalStorage<Own>();

  aroundEach(async (runTest) => {
    const directory = mkdtempSync(join(tmpdir(), 'sse-tail-follow-'));
    const own: Own = { directory, path: join(directory, 'app.log'), running: [] };
    await owns.run(own, runTest);
    for (const source of own.running) await source.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  function own(): Own {
    const found = owns.getStore();
    if (found === undefined) throw new Error('Only a test has a directory.');
    return found;
  }

  const stage: FollowedDirectory = {
    get directory() {
      return own().directory;
    },
    get path() {
      return own().path;
    },
    set path(path) {
      own().path = path;
    },
    at: (...names) => join(own().directory, ...names),
    async follow(options = {}) {
      const { directory, path, running } = own();
      const sink = createRecordingSink();
      const source = createFileSource({ paths: [path], start: 'all', cwd: directory, ...options });
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
    rotateTo: (name) => renameSync(stage.path, stage.at(name)),
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
