import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeWhole } from '../../../../agent/cli/logs/write-whole.ts';

let dir = '';
let file = '';

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sse-tail-test-'));
  file = join(dir, 'log.html');
});
afterEach(() => rmSync(dir, { recursive: true }));

async function* pieces(...texts: (string | Error)[]) {
  for (const text of texts) {
    if (text instanceof Error) throw text;
    yield text;
  }
}

test('a file is there as a whole', async () => {
  await writeWhole(file, pieces('one ', 'two'));
  expect(readFileSync(file, 'utf8')).toBe('one two');
  expect(readdirSync(dir)).toEqual(['log.html']);
});

test('what fails leaves what was there', async () => {
  writeFileSync(file, 'before');
  await expect(writeWhole(file, pieces('one ', new Error('the log is gone')))).rejects.toThrow('the log is gone');
  expect(readFileSync(file, 'utf8')).toBe('before');
  expect(readdirSync(dir)).toEqual(['log.html']);
});

test('who could not read what was there can not read what replaces it, also behind a link', async () => {
  writeFileSync(file, 'before');
  chmodSync(file, 0o600);
  const link = join(dir, 'link.html');
  symlinkSync(file, link);
  await writeWhole(link, pieces('after'));
  expect(readFileSync(file, 'utf8')).toBe('after');
  expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
});

test('it is as open to others as what was there, whatever the umask says', async () => {
  writeFileSync(file, 'before');
  chmodSync(file, 0o666);
  await writeWhole(file, pieces('after'));
  expect((statSync(file).mode & 0o777).toString(8)).toBe('666');
});

test('a link stays a link, also one to what is not there yet', async () => {
  const links = ['one.html', 'two.html'].map((name) => join(dir, name));
  mkdirSync(join(dir, 'sub'));
  symlinkSync('two.html', links[0] as string);
  symlinkSync('sub/new.html', links[1] as string);
  await writeWhole(links[0] as string, pieces('new'));
  expect(links.map((link) => lstatSync(link).isSymbolicLink())).toEqual([true, true]);
  expect(readFileSync(join(dir, 'sub/new.html'), 'utf8')).toBe('new');
  expect(readdirSync(join(dir, 'sub'))).toEqual(['new.html']);
});
