import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createBackpressure } from '../../../../agent/sources/file/follow/backpressure.ts';
import type { FollowedNames } from '../../../../agent/sources/file/followed-names.ts';
import { createGlobMatches } from '../../../../agent/sources/file/glob-matches.ts';
import { createFileMemory } from '../../../../agent/sources/file/open/known-files.ts';
import type { CheckScheduler } from '../../../../agent/sources/file/watch/check-scheduler.ts';
import { createGlob } from '../../../../agent/sources/file/watch/glob.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sse-tail-globs-'));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(directory, { recursive: true, force: true });
});

/** Names that are noted, not followed. */
function notedNames(): FollowedNames & { paths: string[] } {
  const paths: string[] = [];
  return {
    paths,
    size: 0,
    get: () => undefined,
    all: () => [],
    add({ path }) {
      paths.push(path);
      return { scheduler: { now: async () => {} } } as unknown as ReturnType<FollowedNames['add']>;
    },
    drop: async () => {},
    watch: async () => {},
    reportStatus: () => {},
    stopChecks: () => {},
    stop: async () => {},
  };
}

test('a link whose target comes where nothing is watched is looked for again by itself', async () => {
  const link = join(directory, 'links', 'a.log');
  const target = join(directory, 'elsewhere.txt');
  mkdirSync(join(directory, 'links'));
  symlinkSync(target, link);
  const names = notedNames();
  const matches = createGlobMatches({
    globs: [createGlob('links/*.log', directory)],
    cwd: directory,
    names,
    memory: createFileMemory(),
    backpressure: createBackpressure(),
    onFailure: (error) => expect.unreachable(String(error)),
  });
  await matches.scheduler.now();
  expect(names.paths).toEqual([]);

  writeFileSync(target, 'one\n');
  await vi.advanceTimersByTimeAsync(5000);
  await matches.scheduler.idle();
  expect(names.paths).toEqual([link]);
  await matches.stop();
});

test('matches that come together are opened together, a rotated file after that which it may be of', async () => {
  const names = notedNames();
  const opening: (() => void)[] = [];
  const add: FollowedNames['add'] = (one) => ({
    ...names.add(one),
    scheduler: { now: () => new Promise<void>((resolve) => opening.push(resolve)) } as unknown as CheckScheduler,
  });
  const matches = createGlobMatches({
    globs: [createGlob('*', directory)],
    cwd: directory,
    names: { ...names, add },
    memory: createFileMemory(),
    backpressure: createBackpressure(),
    onFailure: (error) => expect.unreachable(String(error)),
  });
  for (const name of ['app.log', 'app.log.1', 'b.log', 'c.log']) writeFileSync(join(directory, name), name);
  const searching = matches.scheduler.now();
  const came: string[][] = [];
  for (let count = 0; count < 4; ) {
    await vi.waitUntil(() => names.paths.length > count && opening.length === names.paths.length - count);
    // Of those that come together any may be first.
    came.push(
      names.paths
        .slice(count)
        .map((path) => basename(path))
        .sort(),
    );
    count = names.paths.length;
    for (const opened of opening.splice(0)) opened();
  }
  await searching;
  expect(came).toEqual([['app.log'], ['app.log.1'], ['b.log', 'c.log']]);
  await matches.stop();
});
