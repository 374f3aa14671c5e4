import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createFileSource } from '../../../agent/sources/file/file.ts';
import { createRecordingSink } from '../../support/recording-sink.ts';
import { execFileSync } from '../../support/sync-child.ts';

/** A directory with a log that is rotated, and others beside it that never are, some with names like rotated ones. */
class World {
  readonly directory = mkdtempSync(join(tmpdir(), 'sse-tail-sweep-'));
  readonly written: { name: string; line: string }[] = [];
  rotations = 0;

  constructor() {
    for (const name of ['links', 'old', 'other']) mkdirSync(this.at(name));
    symlinkSync('../app.log', this.at('links/0.log'));
  }

  at(name: string): string {
    return join(this.directory, name);
  }

  /** Every log begins with the same line. */
  write(name: string): void {
    const line = existsSync(this.at(name)) ? `${name} ${this.written.length}` : 'started';
    appendFileSync(this.at(name), `${line}\n`);
    this.written.push({ name, line });
  }

  writeAll(): void {
    for (const name of [log, ...neighbors]) {
      this.write(name);
      this.write(name);
    }
    this.writeOther();
  }

  /** In a directory below there is a log of this name as well, with rotated files of its own. */
  private writeOther(): void {
    const other = this.at(`other/${log}`);
    if (existsSync(other)) renameSync(other, `${other}.1`);
    for (const path of [other, `${other}.1`, `${other}-20261110`]) appendFileSync(path, 'started\nof another log\n');
  }

  rename(to: string, from = log): void {
    renameSync(this.at(from), this.at(to));
  }

  copytruncate(to: string): void {
    copyFileSync(this.at(log), this.at(to));
    truncateSync(this.at(log));
  }

  /** As gzip: the time of the last write stays, and the original goes last. */
  compress(from: string): void {
    writeFileSync(this.at(`${from}.gz`), gzipSync(readFileSync(this.at(from))));
    execFileSync('touch', ['-r', this.at(from), this.at(`${from}.gz`)]);
    unlinkSync(this.at(from));
  }

  /** Makes room for number 1. */
  shift(nameOf: (number: number) => string): void {
    let last = 1;
    const nameNow = (number: number) =>
      [nameOf(number), `${nameOf(number)}.gz`].find((name) => existsSync(this.at(name)));
    while (nameNow(last) !== undefined) last++;
    for (; last > 1; last--) {
      const from = nameNow(last - 1) as string;
      this.rename(from.replace(nameOf(last - 1), nameOf(last)), from);
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const log = 'app.log';
const neighbors = ['app-2.log', 'app.1234567.log', 'app-2026-11-28.log', 'app-old.log', 'app-worker.log', 'apps.log'];

const after = (number: number) => `app.log.${number}`;
/** Where logrotate's `olddir` says. */
const away = (number: number) => `old/app.log.${number}`;
const within = (number: number) => `app.${number}.log`;

/**
 * How a log is rotated. What is called `…, seen` is done only once all lines have come: others can't be found again.
 */
const rotations: Record<string, (world: World) => void> = {
  'app.log.1': (world) => {
    world.shift(after);
    world.rename(after(1));
  },
  'app.log.1, and the new file is there at once': (world) => {
    world.shift(after);
    world.rename(after(1));
    writeFileSync(world.at(log), '');
  },
  'app.1.log': (world) => {
    world.shift(within);
    world.rename(within(1));
  },
  'app.log-20261101': (world) => world.rename(`app.log-202611${10 + world.rotations}`),
  'app-20261101.log': (world) => world.rename(`app-202611${10 + world.rotations}.log`),
  'app.log.2026-11-01T10:00:00Z': (world) => world.rename(`app.log.2026-11-01T10:00:${10 + world.rotations}Z`),
  'app.log.1.gz': (world) => {
    world.shift(after);
    world.rename(after(1));
    world.compress(after(1));
  },
  'app.log.1, then app.log.2.gz': (world) => {
    world.shift(after);
    world.rename(after(1));
    if (existsSync(world.at(after(2)))) world.compress(after(2));
  },
  'app.log.1 by copytruncate': (world) => {
    world.shift(after);
    world.copytruncate(after(1));
  },
  'app.log-20261101 by copytruncate': (world) => world.copytruncate(`app.log-202611${10 + world.rotations}`),
  'old/app.log.1': (world) => {
    world.shift(away);
    world.rename(away(1));
  },
  'old/app.log-20261101': (world) => world.rename(`old/app.log-202611${10 + world.rotations}`),
  'old/app.log.1.gz': (world) => {
    world.shift(away);
    world.rename(away(1));
    world.compress(away(1));
  },
  'old/app.log.1 by copytruncate': (world) => {
    world.shift(away);
    world.copytruncate(away(1));
  },
  'app.log.old, seen': (world) => world.rename('app.log.old'),
  'removed, seen': (world) => unlinkSync(world.at(log)),
  'truncated, seen': (world) => truncateSync(world.at(log)),
};

/** What is followed, and which files' lines have to come. */
const followed: Record<string, { paths: string[]; isOfAll: boolean }> = {
  'one file': { paths: [log], isOfAll: false },
  'several names': { paths: [log, ...neighbors], isOfAll: true },
  'a glob': { paths: ['app*'], isOfAll: true },
  'a glob and a name': { paths: [log, '*.log'], isOfAll: true },
  'a link from elsewhere': { paths: ['links/0.log'], isOfAll: false },
};

async function run(rotation: string, what: string, isAway: boolean): Promise<{ came: string[]; written: string[] }> {
  using world = new World();
  const { paths, isOfAll } = followed[what] as (typeof followed)[string];
  const rotate = rotations[rotation] as (world: World) => void;
  const isSeen = rotation.endsWith('seen');
  const came: string[] = [];
  let sink = createRecordingSink();
  let source = createFileSource({ paths, start: 'all', cwd: world.directory });
  const wanted = () => world.written.filter(({ name }) => isOfAll || name === log).map(({ line }) => line);
  const caughtUp = async () => {
    const all = wanted().length;
    await sink.until(() => came.length + sink.lines.length >= all, `${all} lines`).catch(() => {});
  };
  const round = async (isFollowed = true) => {
    world.writeAll();
    if (isSeen && isFollowed) await caughtUp();
    rotate(world);
    world.rotations++;
    world.writeAll();
  };
  world.writeAll();
  await source.start(sink);
  try {
    await caughtUp();
    if (isAway) {
      await source.stop();
      came.push(...sink.lines);
      if (isSeen) {
        rotate(world);
        world.rotations++;
        world.writeAll();
      } else {
        for (let count = 0; count < 3; count++) await round(false);
      }
      const { positions } = sink;
      sink = createRecordingSink();
      source = createFileSource({ paths, start: 'all', cwd: world.directory, positions });
      await source.start(sink);
      await caughtUp();
    }
    await round();
    await caughtUp();
    await round();
    await round();
    await caughtUp();
    world.writeAll();
    await caughtUp();
    return { came: [...came, ...sink.lines].sort(), written: wanted().sort() };
  } finally {
    await source.stop();
  }
}

describe.concurrent.each(Object.keys(rotations))('%s', (rotation) => {
  test.each(Object.keys(followed))('%s: each line comes once, and none of another file', async (what) => {
    const { came, written } = await run(rotation, what, false);
    expect(came).toEqual(written);
  });

  test.each(Object.keys(followed))('%s: the same when it was rotated while nobody followed', async (what) => {
    const { came, written } = await run(rotation, what, true);
    expect(came).toEqual(written);
  });
});

test.concurrent('moved away and written on, it is read on, whatever comes meanwhile', async () => {
  using world = new World();
  mkdirSync(world.at('logs'));
  const sink = createRecordingSink();
  const source = createFileSource({ paths: ['logs/*.log'], start: 'all', cwd: world.directory, pollMs: 20 });
  const name = join('logs', log);
  world.write(name);
  await source.start(sink);
  const all = () => sink.until(() => sink.lines.length >= world.written.length, 'all lines');
  try {
    await all();
    world.rename('old/written-on', name);
    await sink.until(() => sink.statuses.at(-1)?.state === 'waiting', 'word that it is away');
    // That long a file that has gone is looked after in any case.
    for (const since = performance.now(); performance.now() - since < 4000; ) {
      world.write('old/written-on');
      await all();
      world.write(join('logs', `${world.written.length}.log`));
      await all();
    }
    expect(sink.lines).toEqual(world.written.map(({ line }) => line));
  } finally {
    await source.stop();
  }
});

test('away and back, with and without its directory', async () => {
  using world = new World();
  mkdirSync(world.at('logs'));
  mkdirSync(world.at('elsewhere'));
  const sink = createRecordingSink();
  const source = createFileSource({ paths: ['logs/*.log'], start: 'all', cwd: world.directory, pollMs: 20 });
  const name = join('logs', log);
  world.write(name);
  await source.start(sink);
  try {
    for (const [from, to] of [
      [name, 'elsewhere/app.log'],
      ['logs', 'logs.away'],
      [name, 'elsewhere/app.log'],
    ] as const) {
      world.rename(to, from);
      await sink.until(() => sink.statuses.at(-1)?.state === 'waiting', 'word that it is away');
      world.rename(from, to);
      world.write(name);
      await sink.until(() => sink.lines.length >= world.written.length, 'what was written after its return');
      await sink.until(() => sink.statuses.at(-1)?.state === 'following', 'word that it is there again');
    }
    expect(sink.lines).toEqual(world.written.map(({ line }) => line));
  } finally {
    await source.stop();
  }
});
