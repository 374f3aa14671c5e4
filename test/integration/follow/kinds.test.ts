import {
  appendFileSync,
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFileSource } from '../../../agent/sources/file/file.ts';
import { until } from '../../support/deadline.ts';
import { createRecordingSink } from '../../support/recording-sink.ts';
import { execFileSync } from '../../support/sync-child.ts';

/** Whatever can be at a path. */
const kinds: Record<string, (path: string) => Promise<unknown>> = {
  file: async (path) => appendFileSync(path, ''),
  fifo: async (path) => execFileSync('mkfifo', [path]),
  directory: async (path) => mkdirSync(path),
  device: async (path) => symlinkSync('/dev/null', path),
  'link to itself': async (path) => symlinkSync(path, path),
  'dangling link': async (path) => symlinkSync('/nowhere/at/all', path),
  socket: (path) => new Promise((resolve) => sockets.push(createServer().listen(path, () => resolve(undefined)))),
  nothing: async () => {},
};
const sockets: Server[] = [];

/** A FIFO can be opened once it has a reader. */
async function write(path: string, kind: string, text: string): Promise<void> {
  if (kind === 'file') return appendFileSync(path, text);
  const flags = constants.O_WRONLY | constants.O_NONBLOCK;
  let file: Awaited<ReturnType<typeof open>> | undefined;
  await until(`${path} is read`, async () => {
    file = await open(path, flags).catch(() => undefined);
    return file !== undefined;
  });
  await file?.write(text);
  await file?.close();
}

const isRead = (kind: string) => kind === 'file' || kind === 'fifo';

test('whatever takes the place of whatever: each line comes once', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sse-tail-kinds-'));
  const all = Object.keys(kinds);
  const names = all.flatMap((before) => all.map((after) => ({ name: `${before} - ${after}.log`, before, after })));
  const written = new Map<string, string[]>(names.map(({ name }) => [name, []]));
  const sink = createRecordingSink();
  const source = createFileSource({ paths: names.map(({ name }) => name), start: { last: 1 }, cwd: directory });

  async function put(name: string, kind: string): Promise<void> {
    const path = join(directory, name);
    rmSync(path, { recursive: true, force: true });
    await kinds[kind]?.(path);
  }

  async function writeTo(name: string, kind: string): Promise<void> {
    if (!isRead(kind)) return;
    const lines = written.get(name) ?? [];
    for (let count = 0; count < 2; count++) lines.push(`${name} ${kind} ${lines.length}`);
    await write(join(directory, name), kind, `${lines.slice(-2).join('\n')}\n`);
  }

  const haveCome = async () => {
    const missing = () => names.filter(({ name }) => sink.linesOf(name).length < (written.get(name)?.length ?? 0));
    await until('all lines are there', () => missing().length === 0).catch(() => {});
    expect(missing().map(({ name }) => name)).toEqual([]);
  };

  try {
    // A directory that is there from the start is followed as what is in it.
    for (const { name, before } of names) if (before !== 'directory') await put(name, before);
    await source.start(sink);
    for (const { name, before } of names) if (before === 'directory') await put(name, before);
    for (const { name, before } of names) await writeTo(name, before);
    await haveCome();
    for (const next of ['after', 'before'] as const) {
      for (const one of names) await put(one.name, one[next]);
      await Promise.all(names.map((one) => writeTo(one.name, one[next])));
      await haveCome();
    }
    for (const last of ['file', 'fifo', 'file']) {
      for (const { name } of names) await put(name, last);
      await Promise.all(names.map(({ name }) => writeTo(name, last)));
      await haveCome();
    }
    for (const { name } of names) expect(sink.linesOf(name)).toEqual(written.get(name));
  } finally {
    await source.stop();
    for (const socket of sockets.splice(0)) socket.close();
    rmSync(directory, { recursive: true, force: true });
  }
}, 60_000);

test('a FIFO is read though the file that had its path grows for ever', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sse-tail-kinds-'));
  const path = join(directory, 'a.log');
  appendFileSync(path, '');
  const writer = openSync(path, 'a');
  const sink = createRecordingSink();
  const source = createFileSource({ paths: ['a.log'], start: { last: 1 }, cwd: directory });
  const growth = setInterval(() => writeSync(writer, 'old\n'), 20);
  try {
    await source.start(sink);
    await until('the file is read', () => sink.linesOf('a.log').length > 0);
    rmSync(path);
    execFileSync('mkfifo', [path]);
    await write(path, 'fifo', 'new\n');
    await until('the FIFO is read', () => sink.linesOf('a.log').includes('new'));
  } finally {
    clearInterval(growth);
    closeSync(writer);
    await source.stop();
    rmSync(directory, { recursive: true, force: true });
  }
});

test('what is written to a file after a FIFO took its place comes between the lines of that', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sse-tail-kinds-'));
  const path = join(directory, 'a.log');
  appendFileSync(path, 'file 1\n');
  const writer = openSync(path, 'a');
  const sink = createRecordingSink();
  const source = createFileSource({ paths: ['a.log'], start: 'all', cwd: directory });
  const lines = () => sink.linesOf('a.log');
  try {
    await source.start(sink);
    await until('the file is read', () => lines().length === 1);
    renameSync(path, `${path}.away`);
    execFileSync('mkfifo', [path]);
    let fifo: number | undefined;
    await until('the FIFO is read', () => {
      fifo ??= openIfRead(path);
      return fifo !== undefined;
    });
    writeSync(fifo as number, 'fifo 1\nfifo');
    await until('half a line', () => sink.partialOf('a.log') === 'fifo');
    writeSync(writer, 'file 2\n');
    // Longer than it takes to be read.
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(sink.partialOf('a.log')).toBe('fifo');
    writeSync(fifo as number, ' 2\n');
    await until('the late line', () => lines().length === 4);
    closeSync(fifo as number);
    writeSync(writer, 'file 3\n');
    await until('another one', () => lines().length === 5);
    expect(lines()).toEqual(['file 1', 'fifo 1', 'fifo 2', 'file 2', 'file 3']);
    rmSync(path);
    renameSync(`${path}.away`, path);
    writeSync(writer, 'file 4\n');
    await until('the file is there again', () => lines().length === 6);
    expect(lines().at(-1)).toBe('file 4');
    const offset = 'file N\n'.length * 4;
    await until('its position', () => sink.positions.get('a.log')?.offset === offset);
  } finally {
    closeSync(writer);
    await source.stop();
    rmSync(directory, { recursive: true, force: true });
  }
});

/** A FIFO's descriptor, once it has a reader. */
function openIfRead(path: string): number | undefined {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}
