import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { helpText, optionsTable, subcommandsTable } from '../../../../agent/cli/help/help.ts';
import { manualPage } from '../../../../agent/cli/help/man.ts';
import { options, optionsFor } from '../../../../agent/cli/options/options.ts';
import { longName } from '../../../../agent/cli/options/spelling.ts';
import { subcommands, type Task } from '../../../../agent/cli/options/subcommands.ts';
import { version } from '../../../../agent/system/package.ts';

const tasks = ['stream', ...Object.keys(subcommands)] as Task[];

describe.each(tasks)('the help of %s', (task) => {
  it('fits 80 columns', () => {
    expect(
      helpText(task)
        .split('\n')
        .filter((line) => line.length > 80),
    ).toEqual([]);
  });

  it('names every option that it takes, and no other', () => {
    const taken = new Set(optionsFor(task).map(([name]) => name as string));
    const named = [...helpText(task).matchAll(/^ {2}(?:-\w, | {4})(--[\w-]+)/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual(
      Object.keys(options)
        .filter((name) => taken.has(name))
        .map(longName)
        .sort(),
    );
  });

  it('says what holds where an option is not given', () => {
    for (const [, { standard }] of optionsFor(task)) {
      if (standard !== undefined) expect(helpText(task).replace(/\s+/g, ' ')).toContain(`(default: ${standard})`);
    }
  });
});

describe('--help', () => {
  it('names every subcommand, and how a file of such a name is given', () => {
    for (const [name, { help }] of Object.entries(subcommands)) {
      expect(helpText()).toMatch(new RegExp(`^  ${name}\\b.* ${help}$`, 'm'));
    }
    expect(helpText()).toContain('./logs');
  });
});

describe('options', () => {
  it.each(tasks)('of %s have no letter twice', (task) => {
    const letters = optionsFor(task).flatMap(([, { short }]) => short ?? []);
    expect(new Set(letters).size).toBe(letters.length);
  });
});

describe('docs/sse-tail.1', () => {
  it('is the manual page of the options as they are (npm run docs writes it)', () => {
    const page = readFileSync(new URL('../../../../docs/sse-tail.1', import.meta.url), 'utf8');
    expect(page).toBe(manualPage(version));
  });
});

describe('docs/options.md', () => {
  it('has the tables of options and subcommands as they are (npm run docs writes them)', () => {
    const page = readFileSync(new URL('../../../../docs/options.md', import.meta.url), 'utf8');
    expect(page).toContain(optionsTable());
    expect(page).toContain(subcommandsTable());
  });
});
