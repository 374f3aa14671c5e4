import { dirname, resolve } from 'node:path';
import { createDeferred } from '../../system/deferred.ts';
import { createPace } from '../../system/pace.ts';
import { causeOf, errorCode } from '../../words/errors.ts';
import type { FilePosition } from '../../words/position.ts';
import type { Outcome, Sink, Source } from '../source.ts';
import { createBackpressure } from './follow/backpressure.ts';
import { createReadBuffers } from './follow/read-buffers.ts';
import { createFollowedNames, type FollowedName } from './followed-names.ts';
import { createGlobMatches } from './glob-matches.ts';
import { createDescriptors } from './open/descriptor-pool.ts';
import { createFileMemory, familiesOf } from './open/known-files.ts';
import type { StartAt } from './open/start-offset.ts';
import { type Named, sortOperands } from './operands.ts';
import { readCompressed } from './read-compressed.ts';
import { createSlowCheck, type SlowCheck } from './watch/slow-check.ts';
import { createWatch } from './watch/watch.ts';

export type { StartAt };

export interface FollowOptions {
  /** As typed: globs, files, and directories, which stand for the files in them; these may not exist yet. */
  paths: string[];
  /** Directories stand for the files at any depth below them. */
  recursive?: boolean;
  cwd?: string;
  /** Absolute: no glob or directory matches below it. A log that holds its own lines would never end. */
  exclude?: string;
  /** Where files begin that are there from the start; those that come later begin with their first byte. */
  start: StartAt;
  /** Where the journal ends, by source name: continues exactly there. */
  positions?: ReadonlyMap<string, FilePosition>;
  /** Checks every file this often and doesn't ask for change events: for file systems that have none. */
  pollMs?: number;
  /** Takes what whoever runs the agent should know. */
  report?(sentence: string): void;
}

/**
 * Follows files by name, as `tail -F` does: whatever is renamed, replaced, truncated or removed under the names, each
 * line comes once. Source names: a single file's base name; of several files or a glob the paths as they were given or
 * matched.
 *
 * `start` rejects (kind `source`) for a compressed file that can't be unpacked here.
 */
export function createFileSource(options: FollowOptions): Source {
  const { start, pollMs, recursive = false, exclude } = options;
  const positions: ReadonlyMap<string, FilePosition> = options.positions ?? new Map();
  const cwd = resolve(options.cwd ?? '.');
  const backpressure = createBackpressure();
  const memory = createFileMemory();
  const { promise: ended, resolve: settleEnded } = createDeferred<Outcome>();
  const closing: (() => void | Promise<void>)[] = [];

  return {
    ended,

    async start(sink) {
      const startedAt = Date.now();
      const { named, globs, compressed } = await sortOperands(options.paths, cwd, { isRecursive: recursive, exclude });
      const watch = pollMs === undefined ? createWatch(reportTo(sink)) : undefined;
      const shared = {
        buffers: createReadBuffers(),
        descriptors: createDescriptors(),
        memory,
        backpressure,
        pace: createPace(),
      };
      const names = createFollowedNames({
        sink,
        watch,
        positions: new Map(positions),
        shared,
        onEntry: (directory, entry) => matches.onEntry(directory, entry),
      });
      const onFailure = createFailureReport(reportTo(sink));
      const matches = createGlobMatches({ globs, cwd, names, memory, backpressure, onFailure });
      let slowCheck: SlowCheck | undefined;
      const readings: Promise<string | undefined>[] = [];
      closing.push(
        () => names.stopChecks(),
        async () => void (await Promise.all([watch?.close(), matches.stop(), slowCheck?.stop()])),
        () => names.stop(),
        async () => void (await Promise.all(readings)),
      );

      const joined = new Set<string>();
      const joinDirectory = (path: string, glob: NonNullable<Named['asDirectory']>): void => {
        // It may leave its path and come back.
        if (!joined.has(path)) globs.push(glob());
        joined.add(path);
        matches.scheduler.request();
      };
      const familyOf = familiesOf(named.map(({ path }) => path));
      for (const { name, path, asDirectory } of named) {
        if (names.get(path) !== undefined) continue;
        const onDirectory = asDirectory && (() => joinDirectory(path, asDirectory));
        names.add({ name, path, start, group: familyOf(path), isMatched: false, onDirectory });
      }
      const passedOver = await matches.begin(start, positions);
      // Beside followed files they are what rotation made of those.
      if (passedOver.length > 0 && names.size === 0) options.report?.(passedOverText(passedOver));
      for (const { follower } of names.all()) await names.watch(dirname(follower.path));
      await checkFirst(names.all());
      if (globs.length > 0 && positions.size > 0) await matches.scheduler.now();
      if (backpressure.isLifted) return;

      for (const one of compressed) {
        const reading = readCompressed({ ...one, sink, start, position: positions.get(one.name), backpressure });
        readings.push(reading);
        void reading.then((failure) => failure !== undefined && options.report?.(`${failure}.`));
      }
      if (names.size > 0 || globs.length > 0) {
        names.reportStatus();
        slowCheck = createSlowCheck({
          files: names.all,
          rescan: matches.scheduler,
          watch,
          onFailure,
          pollMs,
          onRound: names.reportStatus,
        });
      } else {
        sink.status({ state: 'running', startedAt });
        void Promise.all(readings).then((failures) =>
          endAfterAll(
            sink,
            startedAt,
            failures.every((failure) => failure === undefined),
          ),
        );
      }
    },

    async stop() {
      backpressure.lift();
      for (const close of closing.splice(0)) await close();
    },
  };

  /** Those that continue go first: what they read of rotated files is then not taken for new files of a glob. */
  async function checkFirst(all: FollowedName[]): Promise<void> {
    const [resumed, fresh] = partition(all, ({ follower }) => positions.has(follower.name));
    await Promise.all(resumed.map(({ scheduler }) => scheduler.now()));
    await Promise.all(fresh.map(({ scheduler }) => scheduler.now()));
  }

  function reportTo(sink: Sink): (sentence: string) => void {
    return (sentence) => {
      options.report?.(sentence);
      void sink.notice(sentence);
    };
  }

  /** There was nothing to follow, and all was read. */
  function endAfterAll(sink: Sink, startedAt: number, isWhole: boolean): void {
    if (backpressure.isLifted) return;
    const outcome: Outcome = { code: isWhole ? 0 : 1, signal: null };
    sink.status({ state: 'exited', ...outcome, startedAt, endedAt: Date.now() });
    void sink.flush().then(() => settleEnded(outcome));
  }
}

function passedOverText([first = '', ...others]: readonly string[]): string {
  const which = others.length === 0 ? first : `${first} and ${others.length} more`;
  return `Compressed files that a pattern or directory matches are not followed: ${which}. Name them to read them.`;
}

/** What fails in each round is told once. */
function createFailureReport(report: (sentence: string) => void): (error: unknown) => void {
  const told = new Set<string>();
  return (error) => {
    const cause = errorCode(error) ?? causeOf(error);
    if (told.has(cause) || told.size >= mostFailuresTold) return;
    told.add(cause);
    report(`Looking for files to follow failed: ${causeOf(error)}. It is tried again.`);
  };
}

const mostFailuresTold = 20;

function partition<Item>(items: Item[], test: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
