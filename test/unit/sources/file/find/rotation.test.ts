import { copyFileSync, mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, parse } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { continuity } from '../../../../../agent/sources/file/find/continuity.ts';
import { emptyHead, extendHead, fileId } from '../../../../../agent/sources/file/find/fingerprint.ts';
import {
  isNewerByName,
  possibleBases,
  rotationOf,
  schemeOf,
} from '../../../../../agent/sources/file/find/rotated-name.ts';
import { byAge, type Left, successors, trace } from '../../../../../agent/sources/file/find/rotation.ts';
import type { FilePosition } from '../../../../../agent/words/position.ts';
import { until } from '../../../../support/deadline.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sse-tail-rotation-'));
  path = join(directory, 'app.log');
});

afterEach(() => rmSync(directory, { recursive: true }));

const idOf = (at: string) => fileId(statSync(at, { bigint: true }));

function positionAfter(text: string): FilePosition {
  const head = extendHead(emptyHead, Buffer.from(text));
  return { source: 'app.log', path, file: idOf(path), offset: Buffer.byteLength(text), head };
}

describe('names that rotations make of app.log', () => {
  test.each([
    ['app.log.1', { number: 1 }],
    ['app.log.12.gz', { number: 12 }],
    ['app.1.log', { number: 1 }],
    ['app.log-20250131', { date: '20250131' }],
    ['app.log-20250131.gz', { date: '20250131' }],
    ['app-2025-01-31.log', { date: '2025-01-31' }],
    ['app.log.2025-01-31T10:00:00Z', { date: '2025-01-31T10:00:00Z' }],
    ['app.log-1738300000', { date: '1738300000' }],
    ['app.log.old', { number: 1 }],
    ['app__2026-11-28_00-00-00.log', { date: '2026-11-28_00-00-00' }],
    ['app.log.1.kept', { number: 1 }],
    ['app.log-20250131.kept.gz', { date: '20250131' }],
    ['app.log.2025-01', { date: '2025-01' }],
    ['app.log.2025-W05', { date: '2025-W05' }],
    ['app-31-01-2025.log.gz', { unordered: '31-01-2025' }],
    ['app.log.31012025', { unordered: '31012025' }],
    ['app.log.20012025', { unordered: '20012025' }],
    ['app.log.20101112', { date: '20101112' }],
    ['app.log.backup', { number: 1 }],
    ['app1.log', { number: 1 }],
    ['app20250131_001.log.gz', { date: '20250131_001' }],
    ['app.log.1.tmp', undefined],
    ['app.log.1.tgz', undefined],
    ['app.log.1.gpg', undefined],
    ['app.log-20250131.asc', undefined],
    ['app.log', undefined],
    ['app.log.lock', undefined],
    ['app-worker.log', undefined],
    ['other.log.1', undefined],
    ['app.log1', undefined],
  ])('%s', (name, expected) => {
    expect(rotationOf(name, 'app.log')).toEqual(expected);
  });

  test('and of current, where multilog, svlogd or s6-log writes it', () => {
    const name = '@4000000065f0a1b20c3d4e5f.s';
    expect(rotationOf(name, 'current')).toEqual({ date: '4000000065f0a1b20c3d4e5f' });
    expect(rotationOf(name, 'app.log')).toBeUndefined();
    expect(possibleBases(`/logs/${name}`)).toEqual(['/logs/current']);
    expect(isNewerByName('@4000000065f0a1b20c3d4e60.s', '@4000000065f0a1b20c3d4e5f.s', 'current')).toBe(true);
    expect(isNewerByName('@4000000065f0a1b2ac3d4e5f.s', '@4000000065f0a1b29c3d4e5f.s', 'current')).toBe(true);
  });
});

test('a truncated file that was renamed in the tick of its last write had the path after one that is gone', async () => {
  // As often as it takes to meet one tick of the clock (4 ms).
  for (let tries = 0; ; tries++) {
    rmSync(`${path}.1`, { force: true });
    writeFileSync(path, 'what was read\n');
    const { mtimeNs } = statSync(path, { bigint: true });
    const position = { ...positionAfter('what was read\n'), writtenAtUs: Number(mtimeNs / 1000n) + 1 };
    // The copy that copytruncate made is gone, all of it was read.
    writeFileSync(path, 'new\n');
    renameSync(path, `${path}.1`);
    writeFileSync(path, '');
    const { mtimeNs: writtenNs, ctimeNs } = statSync(`${path}.1`, { bigint: true });
    if (writtenNs !== ctimeNs || writtenNs < BigInt(position.writtenAtUs) * 1000n) {
      if (tries < 2000) continue;
      throw new Error('the clock never stood still');
    }
    expect(await trace(position)).toMatchObject({ fate: 'dropped', successors: [{ path: `${path}.1` }] });
    return;
  }
});

test.each([
  ['/logs/app.log.1.gz', ['/logs/app.log']],
  ['/logs/app.1.log', ['/logs/app.log']],
  ['/logs/app-2025-01-31.log', ['/logs/app.log']],
  ['/logs/app.log.1000', ['/logs/app.log']],
  ['/logs/app.log.1.kept.gz', ['/logs/app.log']],
  ['/logs/app1.log', ['/logs/app.log']],
  ['/logs/app20250131.log', ['/logs/app.log']],
  ['/logs/app.log', []],
])('%s can have been made of %j', (path, expected) => {
  expect(possibleBases(path)).toEqual(expect.arrayContaining(expected));
  expect(possibleBases(path)).not.toContain(path);
});

test('whatever the number or date of a rotated name is, the scheme is one, and its base is found', () => {
  const base = fc.constantFrom('app.log', 'app', 'my-app_2.err.log');
  const ending = fc.constantFrom('', '.gz');
  const scheme = fc.constantFrom<(base: string, number: number) => string>(
    (log, number) => `${log}.${number}`,
    (log, number) => `${log}.${number}.kept`,
    (log, number) => `${parse(log).name}.${number}${parse(log).ext}`,
  );
  const number = fc.integer({ min: 0, max: 99_999 });
  fc.assert(
    fc.property(base, scheme, ending, number, number, (log, nameOf, end, one, other) => {
      const name = `${nameOf(log, one)}${end}`;
      expect(schemeOf(name, log)).toBe(schemeOf(nameOf(log, other), log));
      expect(isNewerByName(name, nameOf(log, other), log)).toBe(one < other);
      expect(possibleBases(`/logs/${name}`)).toContain(`/logs/${log}`);
    }),
  );
});

test('what svlogd has processed comes before the next file, though that was written before', () => {
  const named = (name: string, mtimeNs: bigint) => ({ path: `/logs/${name}`, id: name, mtimeNs, ctimeNs: mtimeNs });
  const processed = named('@4000000065f0a1b20c3d4e5f.s', 3n);
  const next = named('@4000000065f0a1b20c3d4e60.u', 2n);
  expect([next, processed].sort((a, b) => byAge(a, b, 'current'))).toEqual([processed, next]);
});

test('files of one time are in the order of their names, whatever files of other names are among them', () => {
  const named = (name: string) => ({ path: `/logs/${name}`, id: name, mtimeNs: 1n, ctimeNs: 1n });
  const names = [
    'app.1.log',
    'app.1234567.log',
    'app.2.log',
    'app.log.1',
    'app.10.log',
    'app-20261101.log',
    'app.log.2',
  ];
  for (let turn = 0; turn < names.length; turn++) {
    names.push(names.shift() as string);
    for (const given of [names, names.toReversed()]) {
      const sorted = given.map(named).sort((a, b) => byAge(a, b, 'app.log'));
      const within = sorted.map(({ id }) => id).filter((id) => /^app\.\d{1,2}\.log$/.test(id));
      expect(within).toEqual(['app.10.log', 'app.2.log', 'app.1.log']);
      const after = sorted.map(({ id }) => id).filter((id) => /^app\.log\.\d$/.test(id));
      expect(after).toEqual(['app.log.2', 'app.log.1']);
    }
  }
});

test('of files written at the same time the larger number is the older one', () => {
  const named = (name: string, mtimeNs = 5n) => ({ path: join(directory, name), id: name, mtimeNs, ctimeNs: mtimeNs });
  const family = [named('app.log.2'), named('app.log.10'), named('app.log.1'), named('app.log.3', 9n)];
  expect(family.sort((a, b) => byAge(a, b, 'app.log')).map((one) => basename(one.path))).toEqual([
    'app.log.10',
    'app.log.2',
    'app.log.1',
    'app.log.3',
  ]);
});

test('the successors of a rotated file are those written later, oldest first', async () => {
  for (const [at, name] of ['app.log.3', 'app.log.2', 'app.log.1', 'app.log'].entries()) {
    writeFileSync(join(directory, name), name);
    utimesSync(join(directory, name), 1000 + at, 1000 + at);
  }
  writeFileSync(join(directory, 'unrelated'), '');
  const after = { id: idOf(`${path}.3`), mtimeNs: 1_000_000_000_000n, head: emptyHead };
  const found = await successors(path, after, ({ id }) => id === idOf(path));
  expect(found?.map((one) => basename(one.path))).toEqual(['app.log.2', 'app.log.1']);
});

test('a file that was made in the tick of the last write to one that is gone came after that', async () => {
  const { mtimeNs } = await until('a file that is made and written in one tick', () => {
    rmSync(`${path}.1`, { force: true });
    writeFileSync(`${path}.1`, 'two\n');
    const times = statSync(`${path}.1`, { bigint: true });
    return times.birthtimeNs === times.mtimeNs && times;
  });
  writeFileSync(path, 'three\n');
  const position = { ...positionAfter('one\n'), file: '0:0', writtenAtUs: Number((mtimeNs + 999n) / 1000n) };
  expect(await trace(position)).toMatchObject({ fate: 'dropped', successors: [{ path: `${path}.1` }] });
});

describe('compressed successors', () => {
  const pack = (name: string, text: string, writtenAt: number) => {
    writeFileSync(join(directory, name), gzipSync(text));
    utimesSync(join(directory, name), writtenAt, writtenAt);
  };
  const namesAfter = async (left: Left) =>
    (await successors(path, left, () => false))?.map((one) => `${one.isUnreadable ? 'not ' : ''}${basename(one.path)}`);

  test('are read where a rotated file has gone under them', async () => {
    pack('app.log.3.gz', 'three', 1000);
    pack('app.log.2.gz', 'two', 2000);
    pack('app.log.1.gz', 'one', 3000);
    const left = { id: '0:0', mtimeNs: 1_000_000_000_000n, head: extendHead(emptyHead, Buffer.from('three')) };
    expect(await namesAfter(left)).toEqual(['app.log.2.gz', 'app.log.1.gz']);
  });

  test('are all found where a rotation comes in the middle of the search', async () => {
    pack('app.log.3.gz', 'three', 1000);
    pack('app.log.2.gz', 'two', 2000);
    pack('app.log.1.gz', 'one', 3000);
    const left = { id: '0:0', mtimeNs: 1_000_000_000_000n, head: extendHead(emptyHead, Buffer.from('three')) };
    let isRotated = false;
    const rotate = () => {
      if (isRotated) return false;
      isRotated = true;
      for (const number of [3, 2, 1]) renameSync(`${path}.${number}.gz`, `${path}.${number + 1}.gz`);
      writeFileSync(`${path}.1.gz`, gzipSync('new'));
      return false;
    };
    const found = await successors(path, left, rotate);
    expect(found?.map((one) => basename(one.path))).toEqual(['app.log.3.gz', 'app.log.2.gz', 'app.log.1.gz']);
  });

  test('are waited for where one is empty because it is being made', async () => {
    writeFileSync(`${path}.1.gz`, '');
    const left = { id: '0:0', mtimeNs: BigInt(Date.now() - 1000) * 1_000_000n, head: emptyHead };
    const found = namesAfter(left);
    setTimeout(() => writeFileSync(`${path}.1.gz`, gzipSync('one')), 20);
    expect(await found).toEqual(['app.log.1.gz']);
  });

  // As logrotate does it with `compresscmd` and `compressext`.
  test.each(['gpg', 'asc', 'age', 'enc', 'zstd', 'bzip2'])('are none where they are .%s: no text', async (ending) => {
    pack(`app.log.1.${ending}`, 'one', 1000);
    const head = extendHead(emptyHead, Buffer.from('one'));
    expect(await namesAfter({ id: '0:0', mtimeNs: 1_000_000_000_000n, head })).toEqual([]);
  });

  test('that stay empty are told', async () => {
    writeFileSync(`${path}.1.gz`, '');
    const left = { id: '0:0', mtimeNs: BigInt(Date.now() - 1000) * 1_000_000n, head: emptyHead };
    expect(await namesAfter(left)).toEqual(['not app.log.1.gz']);
  });

  test('are not those with an older name, whenever they were compressed', async () => {
    writeFileSync(`${path}.1`, 'one');
    utimesSync(`${path}.1`, 3000, 3000);
    pack('app.log.2.gz', 'two', 9000);
    const left = { id: idOf(`${path}.1`), mtimeNs: 3_000_000_000_000n, head: emptyHead };
    expect(await namesAfter(left)).toEqual([]);
  });

  // Both were written to after they had been renamed: their times are those of files under their own names.
  test.each([
    ['', 'renamed'],
    ['.gz', 'compressed'],
  ])('are those with a newer date, though they were there before the last line of one that was %s', async (packed) => {
    const before = join(directory, `app.log-20250101${packed}`);
    const after = join(directory, 'app.log-20250102');
    const text = 'one\ntwo\n';
    writeFileSync(after, 'three\n');
    const { birthtimeNs } = statSync(after, { bigint: true });
    await until('the clock has ticked', () => {
      rmSync(before, { force: true });
      writeFileSync(before, packed === '' ? text : gzipSync(text));
      return statSync(before, { bigint: true }).birthtimeNs > birthtimeNs;
    });
    // What is packed was written before it was.
    const stats = statSync(before, { bigint: true });
    const mtimeNs = packed === '' ? stats.mtimeNs : stats.birthtimeNs;
    await until('the clock has ticked once more', () => {
      writeFileSync(after, 'three\nfour\n');
      return statSync(after, { bigint: true }).mtimeNs > mtimeNs;
    });
    const left = { id: packed === '' ? idOf(before) : '0:0', mtimeNs, head: extendHead(emptyHead, Buffer.from(text)) };
    expect(await namesAfter(left)).toEqual(['app.log-20250102']);
  });

  test('are not those that are still being made', async () => {
    pack('app.log-20250102.gz', 'cut short', 3000);
    writeFileSync(join(directory, 'app.log-20250102'), 'two');
    utimesSync(join(directory, 'app.log-20250102'), 3000, 3000);
    const left = { id: '0:0', mtimeNs: 1_000_000_000_000n, head: emptyHead };
    expect(await namesAfter(left)).toEqual(['app.log-20250102']);
  });

  test('in a format that is not known are told', async () => {
    writeFileSync(join(directory, 'app.log.1.xz'), 'packed');
    const left = { id: '0:0', mtimeNs: 1_000_000_000_000n, head: emptyHead };
    expect(await namesAfter(left)).toEqual(['not app.log.1.xz']);
  });
});

test.each([
  ['app.log.1', 'app.log.2.gz', true],
  ['app.log.10', 'app.log.9', false],
  ['app.log-20250102.gz', 'app.log-20250101', true],
  ['app-2025-01-01.10.log', 'app-2025-01-01.9.log', true],
  ['app.log.1', 'app.log-20250101', undefined],
  ['app.log', 'app.log.1', undefined],
])('%s is newer than %s: %s', (one, other, expected) => {
  expect(isNewerByName(one, other, 'app.log')).toBe(expected);
});

describe('what became of a file', () => {
  test('nothing', async () => {
    writeFileSync(path, 'one\n');
    expect(await continuity(positionAfter('one\n'))).toBe('same');
  });

  test('it has grown', async () => {
    writeFileSync(path, 'one\n');
    const position = positionAfter('one\n');
    writeFileSync(path, 'one\ntwo\n');
    expect(await continuity(position)).toBe('same');
  });

  test('it was renamed, whatever its new name is', async () => {
    writeFileSync(path, 'one\n');
    const position = positionAfter('one\n');
    renameSync(path, join(directory, 'kept'));
    expect(await trace(position)).toEqual({
      fate: 'rotated',
      path: join(directory, 'kept'),
      id: position.file,
      how: 'renamed',
    });
    writeFileSync(path, 'new\n');
    expect(await continuity(position)).toBe('rotated');
  });

  test('it may be another one, so only where it stands decides', async () => {
    writeFileSync(path, 'one\n');
    const position = { ...positionAfter('one\n'), isUnsure: true };
    expect(await continuity(position)).toBe('same');
    renameSync(path, `${path}.1`);
    expect(await continuity(position)).toBe('replaced');
    writeFileSync(path, 'new\n');
    expect(await continuity(position)).toBe('replaced');
    rmSync(path);
    rmSync(`${path}.1`);
    expect(await continuity(position)).toBe('missing');
  });

  test('it was copied and cut', async () => {
    writeFileSync(path, 'one\n');
    const position = positionAfter('one\n');
    copyFileSync(path, `${path}.1`);
    writeFileSync(path, '');
    expect(await trace(position)).toEqual({ fate: 'rotated', path: `${path}.1`, id: idOf(`${path}.1`), how: 'copied' });
  });

  test('it was renamed and compressed', async () => {
    writeFileSync(path, 'one\n');
    const position = positionAfter('one\n');
    rmSync(path);
    writeFileSync(path, 'new\n');
    writeFileSync(`${path}.2.gz`, gzipSync('older\n'));
    writeFileSync(`${path}.1.gz`, gzipSync('one\ntwo\n'));
    const id = idOf(`${path}.1.gz`);
    expect(await trace(position)).toEqual({ fate: 'rotated', path: `${path}.1.gz`, id, how: 'compressed' });
  });

  test('it was cut', async () => {
    writeFileSync(path, 'one\n');
    const position = positionAfter('one\n');
    writeFileSync(path, 'o');
    expect(await continuity(position)).toBe('cut');
  });

  test('it was written anew, longer than before', async () => {
    writeFileSync(path, 'one\n');
    const position = positionAfter('one\n');
    writeFileSync(path, 'two, and more\n');
    expect(await continuity(position)).toBe('replaced');
  });

  test('another file has its inode', async () => {
    writeFileSync(path, 'one\n');
    const position = { ...positionAfter('one\n'), head: extendHead(emptyHead, Buffer.from('old\n')) };
    expect(await continuity(position)).toBe('replaced');
  });

  test('nothing of it was read, and a file that was made later has its inode', async () => {
    writeFileSync(path, 'another\n');
    const { birthtimeNs } = statSync(path, { bigint: true });
    const position = positionAfter('');
    expect(await continuity({ ...position, writtenAtUs: Number(birthtimeNs / 1000n) + 1 })).toBe('same');
    expect(await continuity({ ...position, writtenAtUs: Number(birthtimeNs / 1000n) - 5000 })).toBe('replaced');
  });

  test('it is gone, without a trace', async () => {
    writeFileSync(path, 'one\n');
    const position = positionAfter('one\n');
    rmSync(path);
    expect(await continuity(position)).toBe('missing');
  });

  test('of a file of which nothing was read a copy can not be told', async () => {
    writeFileSync(path, 'one\n');
    const position = { ...positionAfter(''), file: '0:0' };
    copyFileSync(path, `${path}.1`);
    expect(await continuity(position)).toBe('replaced');
  });
});
