import { appendFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { until, within } from '../support/deadline.ts';
import { helloFrom } from '../support/hello.ts';

type Folder = ReturnType<typeof temporaryFolder>;

async function run(folder: Folder, ...args: string[]) {
  await using agent = startAgent(folder.path, args);
  const { code } = await agent.ended();
  return { code, stdout: agent.stdout, stderr: agent.stderr };
}

/** What an exported file holds of the log. */
function contentOf(html: string): string {
  const pieces = [...html.matchAll(/<script type="application\/gzip"[^>]*>([^<]*)<\/script>/g)];
  return pieces.map(([, text = '']) => gunzipSync(Buffer.from(text, 'base64')).toString()).join('\n');
}

const lines = (name: string) =>
  Array.from({ length: 40 }, (_, i) => `${i % 7 === 0 ? 'ERROR: ' : ''}${name} says ${i}\n`).join('');

describe('grep and cat give the lines that raw gives', () => {
  it('of several sources', async () => {
    using folder = temporaryFolder();
    for (const name of ['one.txt', 'two.txt']) writeFileSync(folder.file(name), lines(name));
    await using agent = startAgent(folder.path, ['-q', '-n', 'all', folder.file('one.txt'), folder.file('two.txt')]);
    const url = await agent.url();
    await until('all lines', async () => (await helloFrom(url)).last === 80);
    const [{ id } = { id: '' }] = JSON.parse((await run(folder, 'logs', '--json')).stdout) as { id: string }[];
    const raw = async (query: string) => (await fetch(`${url}raw?${query}`)).text();
    for (const [query, options] of [
      ['source=two.txt', ['--source', 'two.txt']],
      ['source=one.txt,two.txt&to=45', ['--source', 'one.txt,two.txt', '--to', '45']],
      ['source=none', ['--source', 'none']],
      ['from=30&to=50', ['--from', '30', '--to', '50']],
      ['tail=3&to=20', ['--tail', '3', '--to', '20']],
      ['tail=5&limit=2', ['--tail', '5', '--limit', '2']],
      ['limit=3&from=11', ['--limit', '3', '--from', '11']],
      ['level=error&tail=2&from=3', ['--level', 'error', '--tail', '2', '--from', '3']],
      ['level=error&limit=3&context=1', ['--level', 'error', '--limit', '3', '-C', '1']],
      ['from=99', ['--from', '99']],
    ] as const) {
      const expected = await raw(query);
      const printed = await run(folder, 'cat', ...options, id);
      expect({ options, ...printed }).toEqual({ options, code: 0, stdout: expected, stderr: '' });
      const found = await run(folder, 'grep', ...options, '', id);
      const texts = found.stdout.replaceAll(/^--\n/gm, '');
      expect({ options, texts, code: found.code }).toEqual({ options, texts: expected, code: expected ? 0 : 1 });
    }
    const matched = await run(folder, 'cat', '--regex', '--match', 'says 1[23]$', '--not', '^two', id);
    expect(matched.stdout).toBe(await raw('q=says+1%5B23%5D%24&not=%5Etwo&regex=1'));
    expect(matched.stdout).toBe('one.txt says 12\none.txt says 13\n');
    const wrong = await run(folder, 'cat', '--regex', '--match', 'a(b', id);
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toMatch(/Leave out --regex to search for it literally\.\n$/);
  });

  it('of one of the outputs of a command', async () => {
    using folder = temporaryFolder();
    await run(folder, '-q', '--title', 'a', '--', 'sh', '-c', 'echo out; echo err >&2; echo more');
    for (const [stream, text] of [
      ['stderr', 'err\n'],
      ['stdout', 'out\nmore\n'],
    ] as const) {
      expect(await run(folder, 'cat', '--stream', stream, 'a')).toMatchObject({ code: 0, stdout: text });
      expect(await run(folder, 'grep', '--stream', stream, '', 'a')).toMatchObject({ code: 0, stdout: text });
      const exported = contentOf((await run(folder, 'export', '--stream', stream, 'a')).stdout);
      const texts = [...exported.matchAll(/^id: \d+\ndata: (.*)$/gm)].map(([, line]) => `${line}\n`);
      expect(texts.join('')).toBe(text);
    }
  });
});

describe('grep --follow', () => {
  it('prints what is found in each log as it is written, until all are finished', async () => {
    using folder = temporaryFolder();
    const names = ['a', 'b'];
    for (const name of names) writeFileSync(folder.file(name), `needle 1 ${name}\nother\n`);
    await using a = startAgent(folder.path, ['-q', '-n', 'all', folder.file('a')]);
    await using b = startAgent(folder.path, ['-q', '-n', 'all', folder.file('b')]);
    for (const agent of [a, b]) {
      const url = await agent.url();
      await until('its lines', async () => (await helloFrom(url)).last === 2);
    }
    const logs = JSON.parse((await run(folder, 'logs', '--json')).stdout) as { id: string; name: string }[];
    const idOf = (wanted: string) => logs.find(({ name }) => name === wanted)?.id;
    await using both = startAgent(folder.path, ['grep', '--follow', '-n', 'needle', 'a', 'b']);
    await using two = startAgent(folder.path, ['grep', '--follow', '-m', '2', 'needle', 'a']);
    await using last = startAgent(folder.path, ['grep', '--follow', '--tail', '0', '-A', '1', 'needle', 'b']);
    await until('what there is', () => both.stdout.split('\n').length === 3 && two.stdout === 'needle 1 a\n');
    // It prints nothing of what there is: that it follows is seen only by what comes later.
    appendFileSync(folder.file('a'), 'other\nneedle 2 a\nneedle 3 a\n');
    await until('the new lines of a', () => both.stdout.includes(`${idOf('a')}:5:needle 3 a\n`));
    expect(await within('its end', two.ended())).toMatchObject({ code: 0 });
    expect(two.stdout).toBe('needle 1 a\nneedle 2 a\n');
    let written = 1;
    await until('a line that was found while it follows', () => {
      appendFileSync(folder.file('b'), `needle ${++written} b\nafter ${written} b\nother\n`);
      return last.stdout.includes(`after ${written - 1} b\n`);
    });
    expect(last.stdout).toMatch(/^needle (\d+) b\nafter \1 b\n/);
    expect(last.stdout).not.toContain('other');
    a.child.kill('SIGTERM');
    await a.ended();
    appendFileSync(folder.file('b'), 'needle last\n');
    await until(
      'a line after one log has finished',
      () => both.stdout.includes(`${idOf('b')}:`) && both.stdout.endsWith('needle last\n'),
    );
    b.child.kill('SIGTERM');
    for (const grep of [both, last]) expect(await within('its end', grep.ended())).toMatchObject({ code: 0 });
    const found = both.stdout.split('\n').filter((line) => line.startsWith(`${idOf('a')}:`));
    expect(found).toEqual([1, 4, 5].map((id, i) => `${idOf('a')}:${id}:needle ${i + 1} a`));
    const all = Array.from({ length: written }, (_, i) => `needle ${i + 1} b`);
    const ofB = both.stdout.split('\n').filter((line) => line.startsWith(`${idOf('b')}:`));
    expect(ofB.map((line) => line.replace(/^.*:\d+:/, ''))).toEqual([...all, 'needle last']);
  });
});
