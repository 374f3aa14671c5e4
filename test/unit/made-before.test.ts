import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { madeBefore } from '../../scripts/made-before.ts';
import { tempFolder } from '../support/temp-folder.ts';

it('is made once from the same, and again from anything else', async () => {
  const directory = join(await tempFolder(), 'cache');
  let made = 0;
  const make = async () => `text ${++made}`;
  expect(await madeBefore(directory, ['1.0', 'code'], make)).toBe('text 1');
  expect(await madeBefore(directory, ['1.0', 'code'], make)).toBe('text 1');
  expect(await madeBefore(directory, ['1.0', 'code '], make)).toBe('text 2');
  expect(await madeBefore(directory, ['1.0c', 'ode'], make)).toBe('text 3');
  expect(await madeBefore(directory, ['1.1', 'code'], make)).toBe('text 4');
  expect(await madeBefore(directory, ['1.0', 'code'], make)).toBe('text 1');
});

it('is not kept where making it fails', async () => {
  const directory = join(await tempFolder(), 'cache');
  await expect(madeBefore(directory, ['code'], () => Promise.reject(new Error('no code')))).rejects.toThrow('no code');
  expect(await madeBefore(directory, ['code'], async () => 'text')).toBe('text');
});

it('forgets what was wanted longest ago', async () => {
  const directory = join(await tempFolder(), 'cache');
  const make = async () => 'new';
  for (let n = 0; n < 50; n++) await madeBefore(directory, [`${n}`], async () => 'old');
  for (const name of readdirSync(directory)) utimesSync(join(directory, name), 1, 1);
  expect(await madeBefore(directory, ['7'], make)).toBe('old');
  for (let n = 50; n < 60; n++) await madeBefore(directory, [`${n}`], async () => 'old');
  expect(readdirSync(directory)).toHaveLength(50);
  expect(await madeBefore(directory, ['7'], make)).toBe('old');
});
