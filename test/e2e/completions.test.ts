import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { program } from '../support/built-program.ts';
import { execFileSync, spawnSync } from '../support/sync-child.ts';

/** The words that a real shell offers at the end of a command line. */
const offers: Record<string, (line: string) => string[]> = {
  bash: (line) => [
    '-c',
    `source ./script; COMP_WORDS=(${line.replace(/ $/, " ''")}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _sse_tail; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ],
  fish: (line) => ['-c', `source ./script; complete -C '${line}'`],
};

const isInstalled = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0;

describe.each(Object.keys(offers))('in %s', (shell) => {
  it.skipIf(!isInstalled(shell))('subcommands, options, files and kept logs are offered', async () => {
    using folder = temporaryFolder();
    mkdirSync(folder.file('bin'));
    writeFileSync(folder.file('bin/sse-tail'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
    chmodSync(folder.file('bin/sse-tail'), 0o755);
    writeFileSync(folder.file('a-file.log'), '');
    writeFileSync(folder.file('script'), execFileSync(process.execPath, [program, 'completions', shell]));
    const dir = folder.file('logs');
    const agent = startAgent(folder.path, ['-q', '--', 'echo', 'kept']);
    await agent.ended();
    const env = { PATH: `${join(folder.path, 'bin')}:${process.env.PATH}`, HOME: folder.path, SSE_TAIL_DIR: dir };
    const offered = (line: string) =>
      execFileSync(shell, offers[shell]?.(line) ?? [], { cwd: folder.path, env, encoding: 'utf8' })
        .split('\n')
        .map((row) => row.split('\t')[0]);

    expect(offered('sse-tail he')).toEqual(expect.arrayContaining(['healthcheck']));
    expect(offered('sse-tail --no-k')).toEqual(expect.arrayContaining(['--no-keep']));
    expect(offered('sse-tail cat --str')).toEqual(expect.arrayContaining(['--strip']));
    expect(offered('sse-tail cat --no-k')).not.toContain('--no-keep');
    expect(offered('sse-tail cat ec')).toEqual(expect.arrayContaining([expect.stringMatching(/^echo-kept-/)]));
    expect(offered('sse-tail --token-file a-f')).toEqual(expect.arrayContaining(['a-file.log']));
    expect(offered('sse-tail a-f')).toEqual(expect.arrayContaining(['a-file.log']));
    if (shell === 'fish') return;
    const words = (line: string) => offered(line).filter((word) => word !== '');
    // Names are whole, whatever is in them.
    for (const name of ['of two words', 'of*', 'of[1]']) writeFileSync(folder.file(name), '');
    for (const line of ['sse-tail of', 'sse-tail --save of', 'sse-tail -- cat of', 'sse-tail export -o of']) {
      expect(words(line).sort()).toEqual(['of two words', 'of*', 'of[1]'].sort());
    }
    // Only the first word is a program; a letter's value is none of what an operand is.
    expect(words('sse-tail -- ec')).toContain('echo');
    expect(words('sse-tail -- cat ec')).toEqual([]);
    expect(words('sse-tail cat -n ec')).toEqual([]);
    expect(words('sse-tail grep -n ec')).not.toEqual([]);
    expect(words('sse-tail grep --level wa')).toEqual(['warn']);
    // The logs are those of the directory that was typed.
    for (const where of ['--dir nowhere', '--dir = nowhere']) expect(words(`sse-tail cat ${where} ec`)).toEqual([]);
    for (const where of ['--dir logs', '--dir = logs', "--dir '~/logs'"]) {
      expect(words(`sse-tail ${where} cat ec`)).toEqual([expect.stringMatching(/^echo-kept-/)]);
    }
  });
});

it.skipIf(!isInstalled('zsh'))('zsh takes the script', () => {
  using folder = temporaryFolder();
  writeFileSync(folder.file('_sse-tail'), execFileSync(process.execPath, [program, 'completions', 'zsh']));
  const shown = execFileSync('zsh', ['-fc', 'source ./_sse-tail; echo $_comps[sse-tail]'], {
    cwd: folder.path,
    env: { PATH: process.env.PATH, HOME: folder.path },
    encoding: 'utf8',
  });
  expect(shown).toContain('_sse_tail');
});
