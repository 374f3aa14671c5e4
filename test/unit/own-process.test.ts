import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { byProcess } from '../support/own-process.ts';

it('tests that change clocks, modules or globals share no process', () => {
  const { alone, shared } = byProcess('test/unit');
  const says = (path: string) => /\bvi\.\w+\(/.test(readFileSync(path, 'utf8'));
  expect(alone.filter(says).length).toBeGreaterThan(20);
  expect(shared.filter(says)).toEqual([]);
});
