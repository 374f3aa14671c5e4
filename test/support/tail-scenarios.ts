import {
  closeSync,
  copyFileSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Stage } from './follow-stage.ts';

/** What happens to followed files: cases that tails' own tests have and that people meet. */
export interface Scenario {
  name: string;
  /** Names in the folder; for sse-tail possibly globs. `app.log` unless it says otherwise. */
  follow?: string[];
  /** What a shell makes of a glob for `tail`. */
  followByTail?: string[];
  /** Where both begin: `all` (the default), a number of last lines, or `+k`. */
  lines?: string;
  /** Lines of several files come in any order. */
  isUnordered?: true;
  /** What is there before anybody follows. */
  before?(stage: Stage): void;
  run?(stage: Stage): void | Promise<void>;
}

const log = 'app.log';

function rename(stage: Stage, from: string, to: string): void {
  renameSync(stage.path(from), stage.path(to));
}

/** As logrotate: app.log.1 to app.log.2 and so on, and then app.log to app.log.1. */
function shift(stage: Stage, name = log): void {
  let last = 1;
  while (statSync(stage.path(`${name}.${last}`), { throwIfNoEntry: false }) !== undefined) last++;
  for (; last > 1; last--) rename(stage, `${name}.${last - 1}`, `${name}.${last}`);
}

function rotate(stage: Stage, name = log): void {
  shift(stage, name);
  rename(stage, name, `${name}.1`);
}

function copytruncate(stage: Stage): void {
  shift(stage);
  copyFileSync(stage.path(log), stage.path(`${log}.1`));
  truncateSync(stage.path(log));
}

/** As gzip: the time of the last write stays, and the original goes last. */
function compress(stage: Stage, name: string): void {
  const { atime, mtime } = statSync(stage.path(name));
  writeFileSync(stage.path(`${name}.gz`), gzipSync(readFileSync(stage.path(name))));
  utimesSync(stage.path(`${name}.gz`), atime, mtime);
  unlinkSync(stage.path(name));
}

/** A program that holds its log open. */
function writer(stage: Stage, flags: 'a' | 'w') {
  const fd = openSync(stage.path(log), flags);
  return {
    write(...lines: string[]) {
      writeSync(fd, lines.map((line) => `${line}\n`).join(''));
      stage.expect(...lines);
    },
    close: () => closeSync(fd),
  };
}

const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => `${prefix} ${at + 1}`);

const appending: Scenario[] = [
  {
    name: 'lines are appended',
    before: (stage) => stage.append(log, 'one', 'two'),
    run: (stage) => stage.append(log, 'three'),
  },
  {
    name: 'only the last lines are asked for',
    lines: '2',
    before(stage) {
      stage.scribble(log, 'one\n');
      stage.append(log, 'two', 'three');
    },
    run: (stage) => stage.append(log, 'four'),
  },
  {
    name: 'no line of before is asked for',
    lines: '0',
    before: (stage) => stage.scribble(log, 'one\n'),
    run: (stage) => stage.append(log, 'two'),
  },
  {
    name: 'a file is read from line k on',
    lines: '+3',
    before(stage) {
      stage.scribble(log, 'one\ntwo\n');
      stage.append(log, 'three', 'four');
    },
    run: (stage) => stage.append(log, 'five'),
  },
  {
    name: 'an empty file gets its first line',
    before: (stage) => stage.scribble(log, ''),
    run: (stage) => stage.append(log, 'one'),
  },
  {
    name: 'a line is written in two parts',
    before: (stage) => stage.append(log, 'one'),
    async run(stage) {
      stage.scribble(log, 'ha');
      await stage.unfinished('ha');
      stage.scribble(log, 'lf\n');
      stage.expect('half');
    },
  },
  {
    name: 'a burst of 50,000 lines in 500 writes',
    before: (stage) => stage.scribble(log, ''),
    run(stage) {
      for (let part = 0; part < 500; part++) stage.append(log, ...numbered(`burst ${part}`, 100));
    },
  },
  {
    name: 'a line of 3 MB',
    before: (stage) => stage.append(log, 'one'),
    run: (stage) => stage.append(log, 'x'.repeat(3_000_000), 'after'),
  },
  {
    name: 'two files, each with its lines',
    follow: ['a.log', 'b.log'],
    isUnordered: true,
    before(stage) {
      stage.append('a.log', 'a1');
      stage.append('b.log', 'b1');
    },
    run(stage) {
      stage.append('b.log', 'b2');
      stage.append('a.log', 'a2');
    },
  },
  {
    name: 'two files that begin alike are two files',
    follow: ['a.log', 'b.log'],
    isUnordered: true,
    before(stage) {
      stage.append('a.log', 'the same head', 'a');
      stage.append('b.log', 'the same head', 'b');
    },
    run(stage) {
      stage.append('a.log', 'the same again');
      stage.append('b.log', 'the same again');
    },
  },
];

const missing: Scenario[] = [
  { name: 'a file that is not there yet comes', run: (stage) => stage.append(log, 'one', 'two') },
  {
    name: 'a file in a folder that is not there yet comes',
    follow: ['logs/app.log'],
    run: (stage) => stage.append('logs/app.log', 'one'),
  },
  {
    name: 'of two files one is missing and comes',
    follow: ['a.log', 'b.log'],
    isUnordered: true,
    before: (stage) => stage.append('a.log', 'a1'),
    async run(stage) {
      stage.append('b.log', 'b1');
      await stage.caughtUp();
      stage.append('a.log', 'a2');
    },
  },
  {
    name: 'removed, and made again',
    before: (stage) => stage.append(log, 'one'),
    async run(stage) {
      unlinkSync(stage.path(log));
      await stage.noticed('app.log is gone');
      stage.append(log, 'two');
    },
  },
  {
    name: 'removed and made again at once (the inode may be the same)',
    before: (stage) => stage.append(log, 'one'),
    run(stage) {
      unlinkSync(stage.path(log));
      stage.append(log, 'two');
    },
  },
  {
    name: 'removed and made again with the same content',
    before: (stage) => stage.append(log, 'one'),
    run(stage) {
      unlinkSync(stage.path(log));
      stage.append(log, 'one');
    },
  },
  {
    name: 'its folder is removed and made again, twice',
    follow: ['logs/app.log'],
    before: (stage) => stage.append('logs/app.log', 'one'),
    async run(stage) {
      for (const [round, line] of ['two', 'three'].entries()) {
        rmSync(stage.path('logs'), { recursive: true });
        await stage.noticed('app.log is gone', round + 1);
        stage.append('logs/app.log', line);
        await stage.caughtUp();
      }
    },
  },
  {
    name: 'its folder is renamed away and another one takes its place',
    follow: ['logs/app.log'],
    before: (stage) => stage.append('logs/app.log', 'one'),
    run(stage) {
      rename(stage, 'logs', 'logs.old');
      stage.append('logs/app.log', 'two');
    },
  },
  {
    name: 'its folder is renamed away and back',
    follow: ['logs/app.log'],
    before: (stage) => stage.append('logs/app.log', 'one'),
    async run(stage) {
      rename(stage, 'logs', 'away');
      await stage.noticed('app.log was ');
      rename(stage, 'away', 'logs');
      stage.append('logs/app.log', 'two');
    },
  },
  {
    name: 'a folder takes the place of the file and goes again',
    before: (stage) => stage.append(log, 'one'),
    async run(stage) {
      unlinkSync(stage.path(log));
      mkdirSync(stage.path(log));
      await stage.noticed('app.log is a directory');
      rmSync(stage.path(log), { recursive: true });
      stage.append(log, 'two');
    },
  },
];

const renaming: Scenario[] = [
  {
    name: 'rotated: renamed, and a new file made at once',
    before: (stage) => stage.append(log, 'one'),
    run(stage) {
      rotate(stage);
      stage.append(log, 'two');
    },
  },
  {
    name: 'rotated, and the new file is made later',
    before: (stage) => stage.append(log, 'one'),
    async run(stage) {
      rotate(stage);
      await stage.noticed('app.log was moved away');
      stage.append(log, 'two');
    },
  },
  {
    name: 'rotated right behind the last line',
    before: (stage) => stage.append(log, 'one'),
    run(stage) {
      stage.append(log, ...numbered('last words', 1000));
      rotate(stage);
      stage.append(log, 'two');
    },
  },
  {
    name: 'rotated ten times, a second line each time',
    before: (stage) => stage.append(log, 'start'),
    async run(stage) {
      for (let round = 1; round <= 10; round++) {
        rotate(stage);
        stage.append(log, `first of ${round}`);
        // The pace is the case: a rotation comes while what the one before left is still being read.
        await sleep(30);
        stage.append(log, `second of ${round}`);
      }
    },
  },
  {
    name: 'rotated six times within milliseconds',
    before: (stage) => stage.append(log, 'start'),
    run(stage) {
      for (let round = 1; round <= 6; round++) {
        rotate(stage);
        stage.append(log, `round ${round}`);
      }
    },
  },
  {
    name: 'rotated to names with dates',
    before: (stage) => stage.append(log, 'start'),
    async run(stage) {
      for (const day of ['20250101', '20250102', '20250103']) {
        rename(stage, log, `app.log-${day}`);
        stage.append(log, `after ${day}`);
        // As above: waiting until all is read would leave only rotations that nobody can miss.
        await sleep(20);
      }
    },
  },
  {
    name: 'rotated into another folder',
    before: (stage) => stage.append(log, 'one'),
    run(stage) {
      mkdirSync(stage.path('old'));
      stage.append(log, 'last of the first');
      rename(stage, log, 'old/app.log');
      stage.append(log, 'two');
    },
  },
  {
    name: 'rotated and compressed at once',
    before: (stage) => stage.append(log, 'one'),
    run(stage) {
      stage.append(log, 'last of the first');
      rotate(stage);
      stage.append(log, 'two');
      compress(stage, `${log}.1`);
    },
  },
  {
    name: 'rotated, and the old file removed at once',
    before: (stage) => stage.append(log, 'one'),
    run(stage) {
      rotate(stage);
      stage.append(log, 'two');
      unlinkSync(stage.path(`${log}.1`));
    },
  },
  {
    name: 'a daemon goes on writing to the renamed file until it is told',
    before: (stage) => stage.scribble(log, ''),
    async run(stage) {
      const daemon = writer(stage, 'a');
      daemon.write('one');
      await stage.caughtUp();
      rotate(stage);
      daemon.write('late');
      await stage.caughtUp();
      daemon.write('later');
      daemon.close();
      stage.append(log, 'two');
    },
  },
  {
    name: 'a new file is renamed over the old one, as editors and sed -i do',
    before: (stage) => stage.append(log, 'one', 'two'),
    run(stage) {
      stage.scribble('app.log.new', 'one\nthree\n');
      rename(stage, 'app.log.new', log);
      stage.expect('one', 'three');
    },
  },
  {
    name: 'two followed files take turns: a is renamed over b, and a comes anew',
    follow: ['a.log', 'b.log'],
    isUnordered: true,
    before(stage) {
      stage.append('a.log', 'a1');
      stage.append('b.log', 'b1');
    },
    async run(stage) {
      rename(stage, 'a.log', 'b.log');
      // As another name's file it is read from its beginning.
      stage.expect('a1');
      await stage.caughtUp();
      stage.append('a.log', 'a2');
    },
  },
  {
    name: 'the last line has no newline when the file is rotated',
    before: (stage) => stage.append(log, 'one'),
    async run(stage) {
      stage.scribble(log, 'unfinished');
      await stage.unfinished('unfinished');
      rotate(stage);
      stage.expect('unfinished');
      stage.append(log, 'two');
    },
  },
];

const cutting: Scenario[] = [
  {
    name: 'cut to nothing, and written again',
    before: (stage) => stage.append(log, 'one', 'two'),
    async run(stage) {
      truncateSync(stage.path(log));
      await stage.noticed('app.log was truncated');
      stage.append(log, 'three');
    },
  },
  {
    name: 'cut to a shorter content',
    before: (stage) => stage.append(log, 'one', 'two', 'three'),
    run: (stage) => stage.overwrite(log, 'four'),
  },
  {
    name: 'cut to another content of the same length',
    before: (stage) => stage.append(log, 'one'),
    run: (stage) => stage.overwrite(log, 'two'),
  },
  {
    name: 'cut to a longer content',
    before: (stage) => stage.append(log, 'one'),
    run: (stage) => stage.overwrite(log, 'two, which is longer than one', 'three'),
  },
  {
    name: 'cut five times, with a line in between',
    before: (stage) => stage.append(log, 'start'),
    async run(stage) {
      for (let round = 1; round <= 5; round++) {
        truncateSync(stage.path(log));
        stage.append(log, `round ${round}`);
        await stage.caughtUp();
      }
    },
  },
  {
    name: 'copytruncate',
    before: (stage) => stage.append(log, ...numbered('before', 50)),
    run(stage) {
      copytruncate(stage);
      stage.append(log, 'after');
    },
  },
  {
    name: 'copytruncate right behind the last line',
    before: (stage) => stage.append(log, ...numbered('before', 50)),
    run(stage) {
      stage.append(log, ...numbered('last words', 50));
      copytruncate(stage);
      stage.append(log, 'after');
    },
  },
  {
    name: 'copytruncate under a writer without O_APPEND: NULs stand where its text stood',
    async run(stage) {
      const program = writer(stage, 'w');
      program.write(...numbered('before', 500));
      await stage.caughtUp();
      copytruncate(stage);
      program.write('after');
      await stage.caughtUp();
      program.write('and on');
      program.close();
    },
  },
  {
    name: 'cut in the middle of a line',
    before: (stage) => stage.append(log, 'one'),
    async run(stage) {
      stage.scribble(log, 'unfinished');
      await stage.unfinished('unfinished');
      truncateSync(stage.path(log));
      stage.expect('unfinished');
      await stage.noticed('app.log was truncated');
      stage.append(log, 'two');
    },
  },
  {
    name: 'the end is cut off and written anew',
    before: (stage) => stage.append(log, 'one', 'two', 'three'),
    async run(stage) {
      const fd = openSync(stage.path(log), 'r+');
      ftruncateSync(fd, 4);
      closeSync(fd);
      stage.expect('one');
      await stage.caughtUp();
      stage.append(log, 'four');
    },
  },
];

const linking: Scenario[] = [
  {
    name: 'a symlink is switched to another file',
    before(stage) {
      stage.append('1.log', 'one');
      symlinkSync('1.log', stage.path(log));
    },
    run(stage) {
      stage.append('2.log', 'two');
      symlinkSync('2.log', stage.path('new'));
      rename(stage, 'new', log);
    },
  },
  {
    name: 'a symlink to nothing gets its target',
    before: (stage) => symlinkSync('target', stage.path(log)),
    run: (stage) => stage.append('target', 'one'),
  },
  {
    name: "a symlink's target is written, in another folder",
    before(stage) {
      stage.append('elsewhere/target.log', 'one');
      symlinkSync('elsewhere/target.log', stage.path(log));
    },
    run: (stage) => stage.append('elsewhere/target.log', 'two'),
  },
  {
    name: "a symlink's target is rotated, as under Kubernetes",
    before(stage) {
      stage.append('pods/0.log', 'one');
      symlinkSync('pods/0.log', stage.path(log));
    },
    run(stage) {
      stage.append('pods/0.log', 'two');
      rename(stage, 'pods/0.log', 'pods/0.log.20250101-000000');
      stage.append('pods/0.log', 'three');
    },
  },
  {
    name: 'a symlinked folder is switched, as a deployment does',
    follow: ['current/app.log'],
    before(stage) {
      stage.append('releases/1/app.log', 'one');
      symlinkSync('releases/1', stage.path('current'));
    },
    run(stage) {
      stage.append('releases/2/app.log', 'two');
      symlinkSync('releases/2', stage.path('next'));
      rename(stage, 'next', 'current');
    },
  },
  {
    name: 'a file is written through a hard link in another folder',
    before(stage) {
      stage.append(log, 'one');
      mkdirSync(stage.path('other'));
      linkSync(stage.path(log), stage.path('other/name'));
    },
    run: (stage) => stage.append('other/name', 'two'),
  },
  {
    name: 'the newest dated file has the name as a link, and the link moves on',
    before(stage) {
      stage.append('app-20250101.log', 'one');
      symlinkSync('app-20250101.log', stage.path(log));
    },
    async run(stage) {
      for (const day of ['20250102', '20250103']) {
        stage.append(`app-${day}.log`, `of ${day}`);
        unlinkSync(stage.path(log));
        symlinkSync(`app-${day}.log`, stage.path(log));
        await stage.caughtUp();
      }
    },
  },
];

/** `tail` has no memory: what happens while it is away is lost to it. */
const away: Scenario[] = [
  {
    name: 'away: lines are appended',
    before: (stage) => stage.append(log, 'one'),
    run: (stage) => stage.away(() => stage.append(log, 'two')),
  },
  {
    name: 'away: a line is finished that was begun before',
    before: (stage) => stage.append(log, 'one'),
    async run(stage) {
      stage.scribble(log, 'ha');
      await stage.unfinished('ha');
      await stage.away(() => stage.scribble(log, 'lf\n'));
      stage.expect('half');
    },
  },
  {
    name: 'away: rotated once',
    before: (stage) => stage.append(log, 'one'),
    run: (stage) =>
      stage.away(() => {
        stage.append(log, 'two');
        rotate(stage);
        stage.append(log, 'three');
      }),
  },
  {
    name: 'away: rotated three times',
    before: (stage) => stage.append(log, 'one'),
    run: (stage) =>
      stage.away(() => {
        for (const line of ['two', 'three', 'four']) {
          stage.append(log, `last before ${line}`);
          rotate(stage);
          stage.append(log, line);
        }
      }),
  },
  {
    name: 'away: rotated, and the new file has not come yet',
    before: (stage) => stage.append(log, 'one'),
    async run(stage) {
      await stage.away(() => {
        stage.append(log, 'two');
        rotate(stage);
      });
      await stage.caughtUp();
      stage.append(log, 'three');
    },
  },
  {
    name: 'away: rotated and compressed twice',
    before: (stage) => stage.append(log, ...numbered('before', 500)),
    run: (stage) =>
      stage.away(() => {
        stage.append(log, 'two');
        rename(stage, log, 'app.log.2');
        compress(stage, 'app.log.2');
        stage.append(log, 'three');
        rename(stage, log, 'app.log.1');
        compress(stage, 'app.log.1');
        stage.append(log, 'four');
      }),
  },
  {
    name: 'away: copytruncate',
    before: (stage) => stage.append(log, 'one'),
    run: (stage) =>
      stage.away(() => {
        stage.append(log, 'two');
        copytruncate(stage);
        stage.append(log, 'three');
      }),
  },
  {
    name: 'away: copytruncate, twice, under a writer without O_APPEND',
    async run(stage) {
      const program = writer(stage, 'w');
      program.write(...numbered('before', 300));
      await stage.caughtUp();
      copytruncate(stage);
      program.write('behind a hole');
      await stage.caughtUp();
      await stage.away(() => {
        for (const line of ['one', 'two']) {
          program.write(`before ${line}`);
          copytruncate(stage);
          program.write(line);
        }
      });
      program.close();
    },
  },
  {
    name: 'away: cut and written anew',
    before: (stage) => stage.append(log, 'one', 'two'),
    run: (stage) => stage.away(() => stage.overwrite(log, 'three')),
  },
  {
    name: 'away: removed and made anew',
    before: (stage) => stage.append(log, 'one'),
    run: (stage) =>
      stage.away(() => {
        unlinkSync(stage.path(log));
        stage.append(log, 'two');
      }),
  },
  {
    name: 'away three times in a row',
    before: (stage) => stage.append(log, 'one'),
    async run(stage) {
      for (let round = 1; round <= 3; round++) {
        await stage.away(() => {
          if (round === 2) rotate(stage);
          stage.append(log, `round ${round}`);
        });
        stage.append(log, `after ${round}`);
        await stage.caughtUp();
      }
    },
  },
];

const globbing: Scenario[] = [
  {
    name: 'away: a file and its rotated one are given, and rotated',
    follow: [log, `${log}.1`],
    isUnordered: true,
    before(stage) {
      stage.append(log, 'two');
      stage.append(`${log}.1`, 'one');
    },
    run: (stage) =>
      stage.away(() => {
        stage.append(log, 'three');
        rotate(stage);
        stage.append(log, 'four');
      }),
  },
  {
    name: 'a file and its rotated ones are given, as a shell expands app.log*',
    follow: [log, `${log}.1`],
    isUnordered: true,
    before(stage) {
      stage.append(log, 'two');
      stage.append(`${log}.1`, 'one');
    },
    async run(stage) {
      for (const line of ['three', 'four']) {
        rotate(stage);
        stage.append(log, line);
        await stage.caughtUp();
      }
    },
  },
  {
    name: 'a file joins a glob',
    follow: ['*.log'],
    followByTail: ['a.log'],
    isUnordered: true,
    before: (stage) => stage.append('a.log', 'a1'),
    run(stage) {
      stage.append('b.log', 'b1');
      stage.append('a.log', 'a2');
    },
  },
  {
    name: 'a file of a glob is rotated to a name that matches too',
    follow: ['app.log*'],
    followByTail: [log],
    before: (stage) => stage.append(log, 'one'),
    async run(stage) {
      stage.append(log, 'two');
      rotate(stage);
      stage.append(log, 'three');
      await stage.caughtUp();
      rotate(stage);
      stage.append(log, 'four');
    },
  },
  {
    name: 'away: a file joins a glob, another one is rotated',
    follow: ['*.log'],
    followByTail: ['a.log'],
    isUnordered: true,
    before: (stage) => stage.append('a.log', 'a1'),
    run: (stage) =>
      stage.away(() => {
        stage.append('a.log', 'a2');
        rotate(stage, 'a.log');
        stage.append('a.log', 'a3');
        stage.append('b.log', 'b1', 'b2');
      }),
  },
  {
    name: 'forty files, each renamed over the next',
    follow: ['*.log'],
    followByTail: Array.from({ length: 40 }, (_, at) => `${at}.log`),
    isUnordered: true,
    before(stage) {
      for (let at = 0; at < 40; at++) stage.append(`${at}.log`, `of ${at}`);
    },
    async run(stage) {
      for (let at = 0; at < 39; at++) rename(stage, `${at}.log`, `${at + 1}.log`);
      await stage.noticed('0.log was ');
      stage.append('0.log', 'a new one');
    },
  },
];

export const scenarios: Scenario[] = [
  ...appending,
  ...missing,
  ...renaming,
  ...cutting,
  ...linking,
  ...globbing,
  ...away,
];
