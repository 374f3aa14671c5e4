import {
  appendFileSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createFileSource } from '../../../agent/sources/file/file.ts';
import { createRandom } from '../../support/random.ts';
import { createRecordingSink } from '../../support/recording-sink.ts';
import { execFileSync } from '../../support/sync-child.ts';

/** Writes lines to a log, by name or as long as it is not told to open it anew. */
interface Writer {
  /** Writes on to a file that was renamed until `reopen` is called. */
  readonly isHolding: boolean;
  write(line: string): void;
  reopen(): void;
  close(): void;
}

function holding(path: string, flags: number): Writer {
  const open = () => openSync(path, constants.O_WRONLY | constants.O_CREAT | flags);
  let fd = open();
  return {
    isHolding: true,
    write: (line) => void writeSync(fd, `${line}\n`),
    reopen() {
      closeSync(fd);
      fd = open();
    },
    close: () => closeSync(fd),
  };
}

const writers: Record<string, (path: string) => Writer> = {
  'a writer that opens it for each line': (path) => ({
    isHolding: false,
    write: (line) => appendFileSync(path, `${line}\n`),
    reopen() {},
    close() {},
  }),
  'a writer that holds it open': (path) => holding(path, constants.O_APPEND),
  // After a truncation its next line stands where the text ended: a hole comes before it.
  'a writer that holds it open without O_APPEND': (path) => holding(path, 0),
};

/** A log and what was made of it, named by one scheme. */
class Family {
  private count = 0;
  private last: string | undefined;

  private readonly directory: string;
  private readonly scheme: string;

  constructor(directory: string, scheme: string) {
    this.directory = directory;
    this.scheme = scheme;
  }

  at(name: string): string {
    return join(this.directory, name);
  }

  /** The newest name; those that are there have moved on. */
  makeRoom(): string {
    this.count++;
    if (this.scheme === 'dated') this.last = `app.log-202611${9 + this.count}`;
    else this.last = this.shift(this.scheme === 'from 0' ? 0 : 1);
    return this.last;
  }

  private shift(first: number): string {
    const nameOf = (number: number) => `app.log.${number}`;
    const now = (number: number) => [nameOf(number), `${nameOf(number)}.gz`].find((name) => existsSync(this.at(name)));
    let end = first;
    while (now(end) !== undefined) end++;
    for (; end > first; end--) {
      const from = now(end - 1) as string;
      renameSync(this.at(from), this.at(from.replace(nameOf(end - 1), nameOf(end))));
    }
    return nameOf(first);
  }

  /** What the newest one will be called once there is another one. */
  get before(): string | undefined {
    if (this.last === undefined || this.scheme === 'dated') return this.last;
    return this.scheme === 'from 0' ? 'app.log.1' : 'app.log.2';
  }

  rename(to: string): void {
    renameSync(this.at(log), this.at(to));
  }

  copytruncate(to: string): void {
    copyFileSync(this.at(log), this.at(to));
    truncateSync(this.at(log));
  }

  create(): void {
    writeFileSync(this.at(log), '', { flag: 'a' });
  }

  /** As gzip: the time of the last write stays, and the original goes last. */
  compress(from: string | undefined): void {
    if (from === undefined || !existsSync(this.at(from))) return;
    writeFileSync(this.at(`${from}.gz`), gzipSync(readFileSync(this.at(from))));
    execFileSync('touch', ['-r', this.at(from), this.at(`${from}.gz`)]);
    unlinkSync(this.at(from));
  }
}

const log = 'app.log';

const rotations: Record<string, (family: Family) => void> = {
  renamed: (family) => family.rename(family.makeRoom()),
  'renamed, and made anew': (family) => {
    family.rename(family.makeRoom());
    family.create();
  },
  'renamed, and the one before compressed': (family) => {
    const before = family.before;
    family.rename(family.makeRoom());
    family.create();
    family.compress(before);
  },
  'renamed, and compressed at once': (family) => {
    const to = family.makeRoom();
    family.rename(to);
    family.create();
    family.compress(to);
  },
  'copied and truncated': (family) => family.copytruncate(family.makeRoom()),
  'copied, truncated, and compressed': (family) => {
    const to = family.makeRoom();
    family.copytruncate(to);
    family.compress(to);
  },
};

async function run(writerName: string, paths: string[], seed: number) {
  const random = createRandom(seed);
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;
  const directory = mkdtempSync(join(tmpdir(), 'sse-tail-writers-'));
  const family = new Family(directory, pick(['from 0', 'from 1', 'dated']));
  const written: string[] = [];
  const history: string[] = [];
  const sink = createRecordingSink();
  const source = createFileSource({ paths, start: 'all', cwd: directory });
  const writer = (writers[writerName] as (path: string) => Writer)(family.at(log));
  const write = (count: number) => {
    for (let left = count; left > 0; left--) {
      written.push(`line ${written.length} ${'.'.repeat(Math.floor(random() * 400))}`);
      writer.write(written.at(-1) as string);
    }
  };
  const caughtUp = () => sink.until(() => sink.lines.length >= written.length, `${written.length} lines`, 15_000);
  try {
    write(2);
    await source.start(sink);
    for (let rounds = 0; rounds < 5; rounds++) {
      write(Math.floor(random() * 4));
      const kind = pick(Object.keys(rotations));
      const isTold = writer.isHolding && kind.startsWith('renamed');
      const late = isTold ? Math.floor(random() * 3) : 0;
      // Of a file that is packed while it is written only its readers have the last lines.
      const isSeen = random() < 0.5 || (late > 0 && kind.endsWith('compressed at once'));
      if (isSeen) await caughtUp();
      rotations[kind]?.(family);
      history.push(`${isSeen ? 'seen, ' : ''}${kind}, ${late} late`);
      write(late);
      if (isTold) writer.reopen();
      write(1 + Math.floor(random() * 3));
    }
    await caughtUp();
    return { lines: [...sink.lines].sort(), written: written.sort(), history, notices: sink.notices };
  } catch (error) {
    throw new Error(`${history.join('; ')}: ${error}`);
  } finally {
    await source.stop();
    writer.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const seeds = Array.from({ length: 10 }, (_, at) => at + 1);

describe.concurrent.each(Object.keys(writers))('a log that is rotated in any ways, of %s', (writer) => {
  describe.concurrent.each([
    ['one file', [log]],
    ['a glob', ['app*']],
  ])('%s', (_, paths) => {
    test.each(seeds)('each line comes once, and nothing is said to be lost: seed %i', async (seed) => {
      const { lines, written, history, notices } = await run(writer, paths as string[], seed);
      expect({ history, lines }).toEqual({ history, lines: written });
      expect(notices.filter((text) => /lost|not read|can't be read/.test(text))).toEqual([]);
    });
  });
});
