import { appendFileSync, cpSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AgentInput, createAgent } from '../../../agent/agent.ts';
import { temporaryFolder } from '../../support/agent-process.ts';
import { until } from '../../support/deadline.ts';
import { parseLines } from '../../support/event-text.ts';

type Start = Extract<AgentInput, { kind: 'files' }>['start'];

interface Run {
  folder: ReturnType<typeof temporaryFolder>;
  paths: string[];
  start?: Start;
}

/** Follows the files until so many lines are in the log; resolves with the lines, notices begin with `! `. */
async function follow({ folder, paths, start }: Run, lines: number): Promise<string[]> {
  const input: AgentInput = { kind: 'files', paths, ...(start === undefined ? {} : { start }) };
  const agent = await createAgent({ port: 0, dir: folder.file('state'), input });
  try {
    await agent.start();
    await until(`${lines} lines`, () => agent.log.journal.lastId >= lines);
    const body = await (await fetch(`${agent.url}events?follow=0`)).text();
    return parseLines(body).map(({ text, origin }) => (origin.kind === 'notice' ? `! ${text}` : text));
  } finally {
    await agent.close();
  }
}

describe('a file of which there is no line yet', () => {
  it('is read on after a restart from where it was begun', async () => {
    using folder = temporaryFolder();
    const path = folder.file('app.log');
    writeFileSync(path, 'old\n');
    await follow({ folder, paths: [path], start: { last: 0 } }, 0);
    appendFileSync(path, 'new\n');
    expect(await follow({ folder, paths: [path] }, 1)).toEqual(['new']);
  });

  it('is read on in its rotated file', async () => {
    using folder = temporaryFolder();
    const path = folder.file('app.log');
    writeFileSync(path, 'old\n');
    await follow({ folder, paths: [path], start: { last: 0 } }, 0);
    appendFileSync(path, 'new\n');
    renameSync(path, `${path}.1`);
    writeFileSync(path, 'newer\n');
    expect(await follow({ folder, paths: [path] }, 3)).toEqual([
      'new',
      '! app.log was rotated to app.log.1; reading the next one',
      'newer',
    ]);
  });

  it('is read from its first line when it was not there before', async () => {
    using folder = temporaryFolder();
    const path = folder.file('app.log');
    await follow({ folder, paths: [path], start: { last: 1 } }, 0);
    writeFileSync(path, 'one\ntwo\nthree\n');
    expect(await follow({ folder, paths: [path] }, 3)).toEqual(['one', 'two', 'three']);
  });

  it('is waited for until it has the line that was asked for', async () => {
    using folder = temporaryFolder();
    const path = folder.file('app.log');
    writeFileSync(path, 'one\ntwo\n');
    await follow({ folder, paths: [path], start: { line: 4 } }, 0);
    appendFileSync(path, 'three\nfour\n');
    expect(await follow({ folder, paths: [path] }, 1)).toEqual(['four']);
  });

  it('keeps its place while others have lines', async () => {
    using folder = temporaryFolder();
    const paths = [folder.file('a.log'), folder.file('b.log')];
    const [a = '', b = ''] = paths;
    writeFileSync(a, 'a1\n');
    writeFileSync(b, 'b1\n');
    await follow({ folder, paths, start: { last: 0 } }, 0);
    appendFileSync(a, 'a2\n');
    expect(await follow({ folder, paths }, 1)).toEqual(['a2']);
    appendFileSync(b, 'b2\n');
    expect(await follow({ folder, paths }, 2)).toEqual(['a2', 'b2']);
  });
});

it('a file that joined a glob while nobody was looking is read from its first line', async () => {
  using folder = temporaryFolder();
  writeFileSync(folder.file('a.log'), 'a1\na2\n');
  const paths = [folder.file('*.log')];
  expect(await follow({ folder, paths, start: { last: 1 } }, 1)).toEqual(['a2']);
  writeFileSync(folder.file('b.log'), 'b1\nb2\n');
  expect(await follow({ folder, paths }, 3)).toEqual(['a2', 'b1', 'b2']);
});

describe('an unfinished last line', () => {
  it('of which more comes after a kill is one line', async () => {
    using folder = temporaryFolder();
    const paths = [folder.file('app.log')];
    const [path = ''] = paths;
    writeFileSync(path, 'one\nha');
    const agent = await createAgent({ port: 0, dir: folder.file('running'), input: { kind: 'files', paths } });
    try {
      await agent.start();
      await until('the first line', () => agent.log.journal.lastId >= 1);
      // What one that is killed leaves.
      const filter = (from: string) => !/\block/.test(basename(from));
      cpSync(folder.file('running'), folder.file('state'), { recursive: true, filter });
    } finally {
      await agent.close();
    }
    appendFileSync(path, 'lf\n');
    expect(await follow({ folder, paths }, 2)).toEqual(['one', 'half']);
  });

  it('that has stood there for a while is a line when the agent is stopped', async () => {
    using folder = temporaryFolder();
    const paths = [folder.file('app.log')];
    const [path = ''] = paths;
    writeFileSync(path, 'one\nlast');
    utimesSync(path, new Date(0), new Date(0));
    await follow({ folder, paths }, 1);
    appendFileSync(path, 'ing\n');
    expect(await follow({ folder, paths }, 3)).toEqual(['one', 'last', 'ing']);
  });
});
