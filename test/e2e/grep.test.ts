import { chmodSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createFileStore } from '../../agent/journal/disk/logs/file-store.ts';
import type { FoundLog } from '../../agent/words/finding.ts';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { startAtTerminal } from '../support/agent-terminal.ts';
import { flip, newestSegment, segmentsIn } from '../support/damage.ts';
import { until } from '../support/deadline.ts';
import { helloFrom } from '../support/hello.ts';
import { append } from '../support/journal.ts';
import { execFileSync, spawnSync } from '../support/sync-child.ts';

const tlsFixture = (name: string) => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));

type Folder = ReturnType<typeof temporaryFolder>;

async function run(folder: Folder, ...args: string[]) {
  return runAs(undefined, folder, ...args);
}

/** @param as another user, as options of setpriv(1) */
async function runAs(as: string[] | undefined, folder: Folder, ...args: string[]) {
  await using agent = startAgent(folder.path, args, as && { as });
  const { code } = await agent.ended();
  return { code, stdout: agent.stdout, stderr: agent.stderr };
}

const text = Array.from({ length: 5000 }, (_, i) => {
  if (i % 97 === 0) return `ERROR needle ${i}`;
  return i % 89 === 0 ? `a Needle and needles ${i}` : `line ${i} of many`;
});

/** What grep says of the same text. */
function grep(folder: Folder, ...args: string[]): { code: number | null; stdout: string } {
  const { status, stdout } = spawnSync('grep', [...args, folder.file('text')], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return { code: status, stdout };
}

describe('sse-tail grep', () => {
  it('answers as grep does of lines that the log has in pieces', async () => {
    using folder = temporaryFolder();
    const long = (...parts: string[]) => parts.join('. '.repeat(150_000));
    const lines = ['a needle', long('a', 'needle', 'b', 'needle'), 'between', long('a', 'b'), long('', 'a needle'), ''];
    writeFileSync(folder.file('text'), `${lines.join('\n')}\n`);
    await run(folder, '-q', '--title', 'a', '--', 'cat', folder.file('text'));
    for (const [mine, theirs = mine] of [
      [['-c', 'needle']],
      [['-c', '']],
      [
        ['-c', '-x', 'a.*needle'],
        ['-cxE', 'a.*needle'],
      ],
      [['-c', '^$']],
      [['-o', 'needle']],
      [
        ['-m', '1', 'a.*b'],
        ['-m', '1', '-E', 'a.*b'],
      ],
      [['-m', '2', 'needle']],
      [['-A', '1', 'needle$']],
      [['-B', '1', 'between']],
    ] as [string[], string[]?][]) {
      const { code, stdout } = await run(folder, 'grep', ...mine, 'a');
      const expected = grep(folder, ...theirs);
      expect([code, stdout.length, stdout === expected.stdout]).toEqual([expected.code, expected.stdout.length, true]);
    }
    const { stdout } = await run(folder, 'grep', '--json', 'needle', 'a');
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).text),
    ).toEqual(lines.filter((line) => line.includes('needle')));
    const counted = await run(folder, 'grep', '-c', '--not', 'b', 'a', 'a');
    expect(counted.stdout).toBe('2\n');
  });

  it('answers as grep does', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.file('text'), `${text.join('\n')}\n`);
    await run(folder, '-q', '--title', 'a', '--', 'cat', folder.file('text'));
    for (const [mine, theirs] of [
      [['needle'], ['-i', 'needle']],
      [['Needle'], ['Needle']],
      [['-s', 'needle'], ['needle']],
      [
        ['-c', 'needle'],
        ['-ci', 'needle'],
      ],
      [
        ['-n', 'needle [0-9]*7$'],
        ['-niE', 'needle [0-9]*7$'],
      ],
      [
        ['-w', 'needle'],
        ['-iw', 'needle'],
      ],
      [
        ['-o', 'needles?'],
        ['-oiE', 'needles?'],
      ],
      [
        ['-n', '-C', '2', 'needle'],
        ['-ni', '-C', '2', 'needle'],
      ],
      [
        ['-A', '1', '-F', 'line 4999 of'],
        ['-A', '1', '-F', 'line 4999 of'],
      ],
      [
        ['-A', '0', 'needle'],
        ['-iA', '0', 'needle'],
      ],
      [
        ['-n', '-C', '0', 'needle 9'],
        ['-niC', '0', 'needle 9'],
      ],
      [
        ['-ow', 'n|needles?'],
        ['-oiwE', 'n|needles?'],
      ],
      [['nowhere'], ['nowhere']],
      [
        ['-c', 'nowhere'],
        ['-c', 'nowhere'],
      ],
      [
        ['-F', 'needle ['],
        ['-F', 'needle ['],
      ],
      [[''], ['']],
      [
        ['-c', '-F', ''],
        ['-cF', ''],
      ],
      [
        ['-o', ''],
        ['-o', ''],
      ],
      [
        ['-c', 'needle|'],
        ['-cE', 'needle|'],
      ],
      [
        ['-w', '-c', ''],
        ['-wc', ''],
      ],
      [
        ['-x', 'error needle 97|line 1 of many'],
        ['-xiE', 'error needle 97|line 1 of many'],
      ],
      [
        ['-n', '-x', '-F', 'line 1 of man'],
        ['-n', '-x', '-F', 'line 1 of man'],
      ],
      [
        ['-xwF', 'line 1 of many'],
        ['-xwF', 'line 1 of many'],
      ],
      [
        ['-c', '-x', ''],
        ['-c', '-x', ''],
      ],
      [
        ['-n2', 'needle 97'],
        ['-ni2', 'needle 97'],
      ],
      [
        ['-12', 'needle 97'],
        ['-i12', 'needle 97'],
      ],
      [
        ['-m', '3', '-1', 'needle'],
        ['-i', '-m', '3', '-1', 'needle'],
      ],
      [
        ['-c', '-m3', 'needle'],
        ['-ci', '-m3', 'needle'],
      ],
    ] as const) {
      const { code, stdout } = await run(folder, 'grep', ...mine, 'a');
      expect({ args: mine, code, stdout }).toEqual({ args: mine, ...grep(folder, ...theirs) });
    }
    expect((await run(folder, 'grep', '--level', 'error', '-c', '.', 'a')).stdout).toBe(
      grep(folder, '-c', 'ERROR').stdout,
    );
    expect((await run(folder, 'grep', '--not', 'ERROR', 'needle', 'a')).stdout).toBe(
      execFileSync('sh', ['-c', `grep -i needle '${folder.file('text')}' | grep -v ERROR`], { encoding: 'utf8' }),
    );
  });

  it('is colored as grep colors it, on a terminal only, and not where NO_COLOR says so', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.file('text'), 'up\nneedle, Needle\ndown\n\nmore\nneedles\n');
    await run(folder, '-q', '--title', 'a', '--', 'cat', folder.file('text'));
    await run(folder, '-q', '--title', 'b', '--', 'echo', 'needle');
    const logs = JSON.parse((await run(folder, 'logs', '--json')).stdout) as { id: string }[];
    const [b = '', a = ''] = logs.map(({ id }) => id);
    const at = async (script: string) => {
      await using terminal = startAtTerminal(folder.path, script);
      await terminal.ended();
      await terminal.hangUp();
      return terminal.text.replaceAll('\r\n', '\n');
    };
    /** What grep prints of the same text, without what it does for backgrounds, and with numbers such as 1 for 01. */
    const asGrep = (...args: string[]) =>
      spawnSync('grep', ['--color=always', ...args, folder.file('text')], { encoding: 'utf8' }).stdout.replaceAll(
        // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences
        /\x1b\[(?:K|0?([\d;]*)m)/g,
        (all, sgr) => (all.endsWith('K') ? '' : `\x1b[${sgr || 0}m`),
      );
    expect(await at('$sse_tail grep -n -C 1 needle a')).toBe(asGrep('-n', '-i', '-C', '1', 'needle'));
    expect(await at('$sse_tail grep -o "needles*" a')).toBe(asGrep('-oi', 'needles*'));
    expect(await at('$sse_tail grep -c needle a')).toBe('2\n');
    const found = (id: string) => `\x1b[35m${id}\x1b[0m\x1b[36m:\x1b[0m\x1b[1;31mneedle\x1b[0m`;
    expect(await at('$sse_tail grep -x needle')).toBe(`${found(b)}\n`);
    expect(await at('$sse_tail grep -c needle a b')).toBe(
      [a, b].map((id, i) => `\x1b[35m${id}\x1b[0m\x1b[36m:\x1b[0m${2 - i}\n`).join(''),
    );
    expect(await at('NO_COLOR= $sse_tail grep -x needle')).toBe(`${found(b)}\n`);
    const plain = `${b}:needle\n`;
    for (const script of ['NO_COLOR=1 $sse_tail grep -x needle', 'TERM=dumb $sse_tail grep -x needle'])
      expect(await at(script)).toBe(plain);
    expect(await at('$sse_tail grep -x needle | cat')).toBe(plain);
    expect(JSON.parse(await at('$sse_tail grep --json -x needle'))).toMatchObject({ log: b, text: 'needle' });
    expect(await at('$sse_tail grep --color=always needle')).toBe(
      'sse-tail: sse-tail grep has no option --color. Matches are colored on a terminal, unless the variable NO_COLOR is set.\n',
    );
  });

  it('searches all logs, named, and gives JSON', async () => {
    using folder = temporaryFolder();
    await run(folder, '-q', '--title', 'a', '--', 'sh', '-c', "printf '\\033[31mnee\\033[0mdle\\n'; echo up >&2");
    await run(folder, '-q', '--title', 'b', '--', 'sh', '-c', 'echo up; echo needle >&2');
    const logs = JSON.parse((await run(folder, 'logs', '--json')).stdout) as { id: string }[];
    const [b = '', a = ''] = logs.map(({ id }) => id);
    expect((await run(folder, 'grep', 'needle')).stdout).toBe(`${b}:needle\n${a}:needle\n`);
    expect((await run(folder, 'grep', '-c', 'needle', 'a', 'b')).stdout).toBe(`${a}:1\n${b}:1\n`);
    const { stdout } = await run(folder, 'grep', '--json', 'needle', 'b');
    expect(JSON.parse(stdout)).toEqual({ log: b, id: 2, time: expect.any(Number), stream: 'stderr', text: 'needle' });
  });

  it('sets off what is around matches as grep does, also from one log to the next', async () => {
    using folder = temporaryFolder();
    for (const name of ['a', 'b']) {
      writeFileSync(folder.file(name), 'up\nneedle\nmore\nmore\nneedle\nand more\n');
      await run(folder, '-q', '--title', name, '--', 'cat', folder.file(name));
    }
    const { stdout } = await run(folder, 'grep', '-C', '1', 'needle', 'a', 'b');
    const files = [folder.file('a'), folder.file('b')];
    const expected = execFileSync('grep', ['-C', '1', 'needle', ...files], { encoding: 'utf8' });
    const textsOf = (output: string) => output.split('\n').map((line) => line.replace(/^.*[:-](?=\w)/, ''));
    expect(textsOf(stdout)).toEqual(textsOf(expected));
    expect(expected.split('\n').filter((line) => line === '--')).toHaveLength(1);
  });

  it('searches the other logs where one is not there, and exits with 2', async () => {
    using folder = temporaryFolder();
    for (const name of ['a', 'b']) await run(folder, '-q', '--title', name, '--', 'echo', `needle in ${name}`);
    const logs = JSON.parse((await run(folder, 'logs', '--json')).stdout) as { id: string }[];
    const [b = '', a = ''] = logs.map(({ id }) => id);
    const missing = (word: string) => `sse-tail: There is no log "${word}". "sse-tail logs" lists them.\n`;
    expect(await run(folder, 'grep', 'needle', 'none', 'a', 'nor', 'b')).toEqual({
      code: 2,
      stdout: `${a}:needle in a\n${b}:needle in b\n`,
      stderr: missing('none') + missing('nor'),
    });
    // As with grep a log is named where several were asked for.
    expect(await run(folder, 'grep', '-c', 'needle', 'b', 'none')).toMatchObject({ code: 2, stdout: `${b}:1\n` });
    expect(await run(folder, 'grep', 'nowhere', 'a', 'none')).toMatchObject({ code: 2, stdout: '' });
    expect(await run(folder, 'grep', 'needle', 'none')).toEqual({ code: 2, stdout: '', stderr: missing('none') });
  });

  it('searches the other logs where one can not be read, and exits with 2', async (context) => {
    const isRoot = process.getuid?.() === 0;
    if (isRoot && spawnSync('setpriv', ['--version']).status !== 0) return context.skip('as root it needs setpriv');
    const as = isRoot ? ['--reuid=54321', '--regid=54321', '--clear-groups'] : undefined;
    using folder = temporaryFolder();
    chmodSync(folder.path, 0o777);
    for (const last of ['a', 'b']) {
      const script = `seq 1 300000; echo needle in ${last}`;
      await runAs(as, folder, '-q', '--retain', '16M', '--title', last, '--', 'sh', '-c', script);
    }
    const logs = JSON.parse((await runAs(as, folder, 'logs', '--json')).stdout) as { id: string }[];
    const [b = '', a = ''] = logs.map(({ id }) => id);
    const segments = readdirSync(folder.file(`logs/${b}`)).filter((name) => name.endsWith('.sse'));
    expect(segments.length).toBeGreaterThan(1);
    chmodSync(folder.file(`logs/${b}/${segments.sort()[0]}`), 0);
    const { code, stdout, stderr } = await runAs(as, folder, 'grep', 'needle');
    expect({ code, stdout }).toEqual({ code: 2, stdout: `${a}:needle in a\n` });
    expect(stderr).toContain(`The log ${b} could not be searched: `);

    await using serving = startAgent(folder.path, ['serve'], as && { as });
    const { origin } = new URL(await serving.url());
    const found = (await (await fetch(`${origin}/logs?q=needle`)).json()) as FoundLog[];
    expect(found).toMatchObject([
      { id: b, hits: 0, lines: [], error: "The log can't be read right now." },
      { id: a, hits: 1, lines: [{ text: 'needle in a' }] },
    ]);
  });

  it('lists a log whose newest lines can not be read, and gives those before them', async (context) => {
    const isRoot = process.getuid?.() === 0;
    if (isRoot && spawnSync('setpriv', ['--version']).status !== 0) return context.skip('as root it needs setpriv');
    const as = isRoot ? ['--reuid=54321', '--regid=54321', '--clear-groups'] : undefined;
    using folder = temporaryFolder();
    chmodSync(folder.path, 0o777);
    const script = 'echo needle first; seq 1 300000; echo needle last';
    for (const [title, text] of [
      ['a', script],
      ['b', 'echo needle in b'],
    ] as const)
      await runAs(as, folder, '-q', '--retain', '16M', '--title', title, '--', 'sh', '-c', text);
    type Listed = { id: string; first: number; last: number; unread?: string };
    const listed = async () => JSON.parse((await runAs(as, folder, 'logs', '--json')).stdout) as Listed[];
    const [b, a] = (await listed()) as [Listed, Listed];
    for (const { id } of [a, b]) {
      const segments = readdirSync(folder.file(`logs/${id}`)).filter((name) => name.endsWith('.sse'));
      chmodSync(folder.file(`logs/${id}/${segments.sort().at(-1)}`), 0);
    }
    const unread = "The newest lines can't be read: permission is denied (EACCES).";
    const [hidden, cut] = (await listed()) as [Listed, Listed];
    expect(hidden).toMatchObject({ id: b.id, first: 1, last: 0, unread });
    expect(cut).toMatchObject({ id: a.id, first: 1, unread });
    expect(cut.last).toBeGreaterThan(1);
    expect(cut.last).toBeLessThan(300_002);
    expect((await runAs(as, folder, 'logs')).stdout.match(/unreadable/g)).toHaveLength(2);
    const { code, stdout, stderr } = await runAs(as, folder, 'grep', 'needle');
    expect({ code, stdout }).toEqual({ code: 2, stdout: `${a.id}:needle first\n` });
    for (const { id } of [a, b]) expect(stderr).toContain(`The log ${id} could not be searched: ${unread}`);
    const printed = await runAs(as, folder, 'cat', 'a');
    expect(printed.code).not.toBe(0);
    expect(printed.stdout.split('\n')).toHaveLength(cut.last + 1);
    expect(printed.stderr).toContain(`The log ${a.id} was not printed as a whole. ${unread}`);

    await using serving = startAgent(folder.path, ['serve'], as && { as });
    const { origin } = new URL(await serving.url());
    const found = (await (await fetch(`${origin}/logs?q=needle`)).json()) as FoundLog[];
    expect(found).toMatchObject([
      { id: b.id, hits: 0, error: unread },
      { id: a.id, hits: 1, error: unread },
    ]);
    const { status } = (await (await fetch(`${origin}/logs/${a.id}/status`)).json()) as {
      status: { trouble?: string };
    };
    expect(status.trouble).toBe(unread);
  });

  it('lists a log of which its lines are all that can be read, or not even these, and removes none unasked', async (context) => {
    const isRoot = process.getuid?.() === 0;
    if (isRoot && spawnSync('setpriv', ['--version']).status !== 0) return context.skip('as root it needs setpriv');
    const as = isRoot ? ['--reuid=54321', '--regid=54321', '--clear-groups'] : undefined;
    using folder = temporaryFolder();
    chmodSync(folder.path, 0o777);
    for (const title of ['forbidden', 'damaged', 'shut', 'whole'])
      await runAs(as, folder, '-q', '--title', title, '--', 'echo', 'needle');
    type Listed = { id: string; name: string; title?: string; last: number; unread?: string };
    const listed = async () => JSON.parse((await runAs(as, folder, 'logs', '--json')).stdout) as Listed[];
    const idOf = new Map((await listed()).map(({ title = '', id }) => [title, id]));
    const pathOf = (title: string, ...more: string[]) => folder.file(['logs', idOf.get(title), ...more].join('/'));
    chmodSync(pathOf('forbidden', 'log.json'), 0);
    writeFileSync(pathOf('damaged', 'log.json'), '{"version":1,');
    chmodSync(pathOf('shut'), 0);
    try {
      const why = new Map((await listed()).map(({ id, name, last, unread }) => [id, { name, last, unread }]));
      const known = "What is known about this log can't be read:";
      const [forbidden = '', damaged = '', shut = ''] = ['forbidden', 'damaged', 'shut'].map((title) =>
        idOf.get(title),
      );
      expect(why.get(forbidden)).toEqual({
        ...{ name: forbidden, last: 1 },
        unread: `${known} permission is denied (EACCES).`,
      });
      expect(why.get(damaged)).toEqual({
        ...{ name: damaged, last: 1 },
        unread: `${known} it is damaged, or from a newer sse-tail.`,
      });
      expect(why.get(shut)).toMatchObject({ name: shut, last: 0, unread: expect.stringContaining('(EACCES).') });
      expect((await runAs(as, folder, 'logs')).stdout.match(/unreadable/g)).toHaveLength(3);
      expect(await runAs(as, folder, 'cat', forbidden)).toMatchObject({ code: 0, stdout: 'needle\n' });

      await using serving = startAgent(folder.path, ['serve'], as && { as });
      const { origin } = new URL(await serving.url());
      const { status } = (await (await fetch(`${origin}/logs/${damaged}/status`)).json()) as {
        status: { trouble?: string };
      };
      expect(status.trouble).toBe(why.get(damaged)?.unread);

      const { code, stderr } = await runAs(as, folder, 'rm', '--all');
      expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("3 logs can't be read and") });
      expect((await listed()).map(({ id }) => id).sort()).toEqual([forbidden, damaged, shut].sort());
      const refused = await runAs(as, folder, 'rm', shut, damaged);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain(`The log ${shut} can't be removed: permission is denied (EACCES).`);
      expect((await listed()).map(({ id }) => id).sort()).toEqual([forbidden, shut].sort());
    } finally {
      chmodSync(pathOf('shut'), 0o700);
    }
  });

  it('prints what comes after the last match that was asked for, also where that is written later', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.file('app.log'), 'up\nneedle\n');
    await using agent = startAgent(folder.path, ['-q', folder.file('app.log')]);
    await agent.url();
    await using grepping = startAgent(folder.path, [
      'grep',
      '-n',
      '-m',
      '1',
      '-A',
      '3',
      '--follow',
      'needle',
      'app.log',
    ]);
    await until('the match', () => grepping.stdout === '2:needle\n');
    writeFileSync(folder.file('app.log'), 'after 1\n', { flag: 'a' });
    await until('the first line after it', () => grepping.stdout.includes('after 1'));
    writeFileSync(folder.file('app.log'), 'needle\nafter 3\nno more\n', { flag: 'a' });
    expect(await grepping.ended()).toMatchObject({ code: 0 });
    writeFileSync(folder.file('text'), readFileSync(folder.file('app.log')));
    expect(grepping.stdout).toBe(grep(folder, '-n', '-m', '1', '-A', '3', 'needle').stdout);
  });

  it('says which lines it could not search, once, and exits as grep does', async () => {
    using folder = temporaryFolder();
    const store = await createFileStore({ dir: folder.file('logs') });
    const log = await store.create({ kind: 'command', name: 'damaged', cwd: folder.path });
    for (const text of ['needle 1', 'lost 2', 'lost 3', 'needle 4', 'up 5']) await append(log.journal, [text]);
    await log.close();
    await store.close();
    const { id } = log.info;
    const segment = await newestSegment(folder.file(`logs/${id}`));
    for (const text of ['lost 2', 'lost 3']) await flip(segment, readFileSync(segment).indexOf(text), 1);
    const gap = { from: 2, to: 3, reason: 'damage' };
    const why = 'lines 2-3 were lost to damage of the journal';
    const sentence = `sse-tail: The log ${id} was not searched as a whole: ${why}.`;
    // The store says which file is damaged.
    const saidOf = ({ stderr }: { stderr: string }) => stderr.split('\n').filter((line) => line.includes(' searched '));
    const found = 'needle 1\nneedle 4\n';
    for (const [args, code, stdout] of [
      [['needle'], 0, found],
      [['nowhere'], 1, ''],
      [['-c', 'needle'], 0, '2\n'],
      [['-C', '1', 'needle'], 0, 'needle 1\n--\nneedle 4\nup 5\n'],
      [['--level', 'error', 'needle'], 1, ''],
      [['--follow', '-C', '3', 'needle'], 0, 'needle 1\n--\nneedle 4\nup 5\n'],
    ] as const) {
      const answer = await run(folder, 'grep', ...args);
      expect({ args, ...answer, said: saidOf(answer) }).toMatchObject({ args, code, stdout, said: [sentence] });
    }
    const after = await run(folder, 'grep', '--from', '4', 'needle');
    expect({ ...after, said: saidOf(after) }).toMatchObject({ code: 0, stdout: 'needle 4\n', said: [] });
    const json = await run(folder, 'grep', '--json', 'needle');
    expect([json.code, saidOf(json)]).toEqual([0, []]);
    expect(
      json.stdout
        .trim()
        .split('\n')
        .map((row) => JSON.parse(row)),
    ).toMatchObject([
      { log: id, id: 1 },
      { log: id, gap },
      { log: id, id: 4 },
    ]);
    for (const [args, stdout] of [
      [[], `needle 1\n[sse-tail: ${why}]\nneedle 4\nup 5\n`],
      [['--match', 'needle'], `needle 1\n[sse-tail: ${why}]\nneedle 4\n`],
      [['--from', '4'], 'needle 4\nup 5\n'],
    ] as const)
      expect(await run(folder, 'cat', ...args, 'damaged')).toMatchObject({ code: 0, stdout });
  });

  it('says which lines of those it was asked for are no longer kept', async () => {
    using folder = temporaryFolder();
    const script = 'seq 1 300000; echo needle';
    await run(folder, '-q', '--retain', '16M', '--title', 'a', '--', 'sh', '-c', script);
    const [{ id = '' } = {}] = JSON.parse((await run(folder, 'logs', '--json')).stdout) as { id?: string }[];
    const [oldest = '', next = ''] = await segmentsIn(folder.file(`logs/${id}`));
    unlinkSync(oldest);
    const first = Number(basename(next, '.sse'));
    const gap = { from: 1, to: first - 1, reason: 'retention' };
    expect(await run(folder, 'grep', 'needle')).toEqual({ code: 0, stdout: 'needle\n', stderr: '' });
    expect(await run(folder, 'grep', '--from', '1', 'nowhere')).toEqual({
      ...{ code: 1, stdout: '' },
      stderr: `sse-tail: The log ${id} was not searched as a whole: lines 1-${first - 1} are no longer kept.\n`,
    });
    const { stdout } = await run(folder, 'grep', '--json', '--from', '1', 'needle');
    expect(
      stdout
        .trim()
        .split('\n')
        .map((row) => JSON.parse(row)),
    ).toMatchObject([
      { log: id, gap },
      { log: id, text: 'needle' },
    ]);
  });

  it('exits with 2 where it can not do it', async () => {
    using folder = temporaryFolder();
    await run(folder, '-q', '--title', 'a', '--', 'echo', 'up');
    const bad = await run(folder, 'grep', 'a(b');
    expect(bad).toMatchObject({ code: 2, stdout: '' });
    expect(bad.stderr).toContain('at character 2');
    expect((await run(folder, 'grep')).code).toBe(2);
    expect((await run(folder, 'grep', 'x', 'nolog')).code).toBe(2);
    expect((await run(folder, 'grep', '--level', 'loud', 'x')).code).toBe(2);
    const nowhere = await run(folder, 'grep', '--dir', folder.file('no where'), 'x', 'nolog');
    expect({ code: nowhere.code, stderr: nowhere.stderr }).toEqual({
      code: 2,
      stderr: `sse-tail: There is no log "nolog" in ${folder.file('no where')}. "sse-tail logs --dir '${folder.file('no where')}'" lists them.\n`,
    });
    const both = await run(folder, 'grep', '--json', '-c', 'x');
    expect({ code: both.code, stderr: both.stderr }).toMatchObject({
      code: 2,
      stderr: "sse-tail: --json and --count can't be used together.\n",
    });
  });
});

describe('sse-tail cat', () => {
  it('prints the lines that filters leave', async () => {
    using folder = temporaryFolder();
    const script = "echo up; echo 'Error: x'; echo '    at f (a.js:1:1)'; echo down; echo ERROR y";
    await run(folder, '-q', '--title', 'a', '--', 'sh', '-c', script);
    expect((await run(folder, 'cat', '--level', 'error', 'a')).stdout).toBe('Error: x\n    at f (a.js:1:1)\nERROR y\n');
    expect((await run(folder, 'cat', '--level', 'error', '-n', '1', 'a')).stdout).toBe('ERROR y\n');
    expect((await run(folder, 'cat', '--match', 'down', '-C', '1', 'a')).stdout).toBe(
      '    at f (a.js:1:1)\ndown\nERROR y\n',
    );
    expect((await run(folder, 'cat', '--match', 'a.js', '--record', 'a')).stdout).toBe(
      'Error: x\n    at f (a.js:1:1)\n',
    );
    expect((await run(folder, 'grep', '-n', '--record', 'a\\.js|y$', 'a')).stdout).toBe(
      '2-Error: x\n3:    at f (a.js:1:1)\n--\n5:ERROR y\n',
    );
    const frame = JSON.parse((await run(folder, 'grep', '--json', 'a\\.js', 'a')).stdout);
    expect(frame).toMatchObject({ id: 3, level: 'error', text: '    at f (a.js:1:1)' });
    expect((await run(folder, 'cat', '--until', '1h', 'a')).stdout).toBe('');
    expect((await run(folder, 'cat', '--since', '1h', '--not', 'Error', '-f', 'a')).stdout).toBe(
      'up\n    at f (a.js:1:1)\ndown\nERROR y\n',
    );
  });
});

describe('sse-tail healthcheck', () => {
  it('exits with 0 while an agent answers', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['-q', '--', 'sleep', '60']);
    const { port } = new URL(await agent.url());
    expect(await run(folder, 'healthcheck', '--port', port)).toMatchObject({ code: 0, stdout: '', stderr: '' });
    agent.child.kill('SIGTERM');
    await until('its end', async () => (await run(folder, 'healthcheck', '--port', port)).code === 1);
    const { stderr } = await run(folder, 'healthcheck', '--port', port);
    expect(stderr).toBe(`sse-tail: No sse-tail answers at 127.0.0.1:${port}: connection refused.\n`);
  });

  it('also over TLS, with or without the variables of the agent, and at all addresses', async () => {
    using folder = temporaryFolder();
    const tls = { SSE_TAIL_TLS_CERT: tlsFixture('one.cert.pem'), SSE_TAIL_TLS_KEY: tlsFixture('one.key.pem') };
    const env = { ...tls, SSE_TAIL_TOKEN: 'a-token-for-tests-only' };
    await using agent = startAgent(folder.path, ['-q', '--host', '[::]', '--', 'sleep', '60'], { env });
    const port = /:(\d+)\//.exec(await agent.url())?.[1] ?? '';
    for (const way of [{}, env]) {
      await using check = startAgent(folder.path, ['healthcheck', '--host', '[::]', '--port', port], { env: way });
      expect(await check.ended()).toMatchObject({ code: 0 });
      expect(check.stderr).toBe('');
    }
  });
});

describe('a search of the built program', () => {
  it('is made by its search thread, and answers as grep does', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.file('text'), `${text.join('\n')}\n`);
    await using agent = startAgent(folder.path, ['-q', '--linger', '1m', '--', 'cat', folder.file('text')]);
    const url = await agent.url();
    await until('all lines', async () => (await helloFrom(url)).last === text.length);
    const raw = await fetch(`${url}raw?q=needle+%5B0-9%5D*7%24&regex=1`);
    expect(await raw.text()).toBe(grep(folder, '-iE', 'needle [0-9]*7$').stdout);
    const { errors, known } = await (await fetch(`${url}outline`)).json();
    expect({ errors, known }).toEqual({ errors: Number(grep(folder, '-c', 'ERROR').stdout), known: [1, text.length] });
  });
});
