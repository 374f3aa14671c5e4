import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withFile } from '../../../../../agent/sources/file/find/directory-files.ts';
import { emptyHead, extendHead } from '../../../../../agent/sources/file/find/fingerprint.ts';
import {
  type Claimant,
  createFileMemory,
  familiesOf,
  globGroup,
} from '../../../../../agent/sources/file/open/known-files.ts';
import { until } from '../../../../support/deadline.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const headOf = (text: string) => extendHead(emptyHead, Buffer.from(text));

function claimant(group = 'family'): Claimant & { rechecks: number } {
  const one = { group, rechecks: 0, recheck: () => void one.rechecks++ };
  return one;
}

test('a file belongs to one name at a time', () => {
  const memory = createFileMemory();
  const [one, other] = [claimant(), claimant()];
  expect(memory.claim('1:2', one)).toBe(true);
  expect(memory.claim('1:2', one)).toBe(true);
  expect(memory.claim('1:2', other)).toBe(false);
  memory.unclaim('1:2', other);
  expect(memory.isFree('1:2', other)).toBe(false);
  memory.unclaim('1:2', one);
  expect(memory.claim('1:2', other)).toBe(true);
});

test('names of different groups may read the same file, a glob and a name may not', () => {
  const memory = createFileMemory();
  const [one, other, matched] = [claimant('/a'), claimant('/b'), claimant(globGroup)];
  expect(memory.claim('1:2', one)).toBe(true);
  expect(memory.claim('1:2', other)).toBe(true);
  expect(memory.claim('1:2', matched)).toBe(false);
  memory.unclaim('1:2', one);
  expect(memory.claim('1:2', matched)).toBe(false);
  memory.unclaim('1:2', other);
  expect(memory.claim('1:2', matched)).toBe(true);
  expect(memory.claim('1:2', one)).toBe(false);
});

test('a name that was refused a file hears when it is free, and who has it hears that it is wanted', () => {
  const memory = createFileMemory();
  const [one, other] = [claimant(), claimant()];
  memory.claim('1:2', one);
  memory.want('1:2', other);
  memory.want('1:2', other);
  expect([memory.isWanted('1:2'), one.rechecks, other.rechecks]).toEqual([true, 1, 0]);
  memory.release({ id: '1:2', offset: 0, head: emptyHead, bornNs: 0n }, one);
  expect([memory.isWanted('1:2'), one.rechecks, other.rechecks]).toEqual([false, 1, 1]);
});

test('a file that was let go is continued where it was, and one that has its inode begins anew', async () => {
  const path = join(await tempFolder(), 'app.log');
  const memory = createFileMemory();
  const one = claimant();
  const offset = (by = one) => withFile(path, (handle) => memory.offsetOf('1:2', by, handle));
  const isKnown = () => memory.isKnown({ id: '1:2', path }, one);
  writeFileSync(path, 'one\ntwo\n');
  memory.claim('1:2', one);
  expect(await isKnown()).toBe(true);

  memory.release({ id: '1:2', offset: 4, head: headOf('one\n'), bornNs: 0n }, one);
  expect(await offset()).toBe(4);
  expect(await offset(claimant(globGroup))).toBe(4);
  expect(await offset(claimant('another'))).toBe(undefined);
  expect(await isKnown()).toBe(true);

  writeFileSync(path, 'another\n');
  expect(await offset()).toBe(undefined);
  expect(await isKnown()).toBe(false);
});

test('a file of which nothing was read is not known', async () => {
  const path = join(await tempFolder(), 'app.log');
  const memory = createFileMemory();
  writeFileSync(path, 'one\n');
  memory.release({ id: '1:2', offset: 0, head: emptyHead, bornNs: 0n }, claimant());
  expect(await memory.isKnown({ id: '1:2', path }, claimant())).toBe(false);
});

test('a log and its rotated files are of one family, other files are not', () => {
  const familyOf = familiesOf(['/a/app.log', '/a/app.log.1', '/a/other.log', '/b/app.log.2']);
  expect(familyOf('/a/app.log.1')).toBe(familyOf('/a/app.log'));
  expect(familyOf('/a/other.log')).not.toBe(familyOf('/a/app.log'));
  expect(familyOf('/b/app.log.2')).not.toBe(familyOf('/a/app.log'));
});

test('one that has its inode and begins with the same lines is another one', async () => {
  const path = join(await tempFolder(), 'app.log');
  const memory = createFileMemory();
  const one = claimant();
  const offset = () => withFile(path, (handle) => memory.offsetOf('1:2', one, handle));
  writeFileSync(path, 'started\n');
  const { birthtimeNs: bornNs } = statSync(path, { bigint: true });
  memory.release({ id: '1:2', offset: 8, head: headOf('started\n'), bornNs }, one);
  expect(await offset()).toBe(8);
  await until('the clock has ticked', () => {
    rmSync(path);
    writeFileSync(path, 'started\nmore\n');
    return statSync(path, { bigint: true }).birthtimeNs > bornNs;
  });
  expect(await offset()).toBeUndefined();
});
