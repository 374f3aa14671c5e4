import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { helpText, optionsTable } from '../../agent/help.ts';
import { longName, options } from '../../agent/options.ts';

describe('--help', () => {
  it('fits 80 columns', () => {
    expect(
      helpText()
        .split('\n')
        .filter((line) => line.length > 80),
    ).toEqual([]);
  });

  it('names every option', () => {
    for (const name of Object.keys(options)) expect(helpText()).toMatch(new RegExp(`${longName(name)}[ \\n]`));
  });
});

describe('the README', () => {
  it('has the table of options as it is (npm run docs writes it)', () => {
    expect(readFileSync(new URL('../../README.md', import.meta.url), 'utf8')).toContain(optionsTable());
  });
});
