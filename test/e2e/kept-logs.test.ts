import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogSummary } from '../../agent/words/log.ts';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { lineText, startBrowser, type TestBrowser } from '../support/browser.ts';
import { program } from '../support/built-program.ts';
import { until } from '../support/deadline.ts';
import { helloFrom } from '../support/hello.ts';
import { open } from '../support/http-client.ts';

type Folder = ReturnType<typeof temporaryFolder>;

/** Runs sse-tail to its end. */
async function run(
  folder: Folder,
  ...args: string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  await using agent = startAgent(folder.path, args);
  const { code } = await agent.ended();
  return { code, stdout: agent.stdout, stderr: agent.stderr };
}

const keptLogs = async (folder: Folder): Promise<LogSummary[]> =>
  JSON.parse((await run(folder, 'logs', '--json')).stdout);
const statusOf = async (url: string) => (await helloFrom(url)).status;
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** An agent whose command prints a line, waits for a file to appear, and ends with code 3 after another line. */
async function startWaiting(folder: Folder): Promise<{ agent: AgentProcess; url: string; id: string; finish(): void }> {
  const gate = folder.file('gate');
  const script = `echo first; while [ -d '${folder.path}' ] && [ ! -e '${gate}' ]; do sleep 0.05; done; echo last; exit 3`;
  const agent = startAgent(folder.path, ['-q', '--', 'sh', '-c', script]);
  const url = await agent.url();
  await until('the first line', async () => (await helloFrom(url)).last === 1);
  const { log: id } = await helloFrom(url);
  return { agent, url, id, finish: () => writeFileSync(gate, '') };
}

describe('sse-tail logs', () => {
  it('lists what is kept, newest first, with state, lines and name', async () => {
    using folder = temporaryFolder();
    const nothing = await run(folder, 'logs');
    expect(nothing).toMatchObject({ code: 0, stdout: '' });
    expect(nothing.stderr).toContain('No logs are kept in');
    expect(existsSync(folder.file('logs'))).toBe(false);

    await run(folder, '-q', '--', 'sh', '-c', 'seq 1234; exit 7');
    await run(folder, '-q', '--title', 'nightly', '--', 'sh', '-c', 'kill -9 $$');
    const waiting = await startWaiting(folder);
    await using _ = waiting.agent;
    const { stdout } = await run(folder, 'logs');
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect(head).toMatch(/^ID +STATE +STARTED +LINES +SIZE +NAME$/);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatch(new RegExp(`^${waiting.id} +running .* 1 .* sh -c`));
    expect(rows[1]).toMatch(/ SIGKILL .* 0 +0 B +nightly$/);
    expect(rows[2]).toMatch(/ exit 7 .* 1,234 .* sh -c 'seq 1234; exit 7'$/);
    // Who keeps them sees where they were begun, viewers don't.
    const kept = (await keptLogs(folder)).map((log) => ({ ...log, cwd: '' }));
    expect(await (await fetch(`${waiting.url}logs`)).json()).toEqual(kept);
  });
});

describe('sse-tail cat', () => {
  let folder: Folder;
  let id: string;

  beforeAll(async () => {
    folder = temporaryFolder();
    const red = '\\033[31mred\\033[0m';
    await run(folder, '-q', '--', 'sh', '-c', `printf '${red}\\n'; seq 2 300000`);
    id = (await keptLogs(folder))[0]?.id as string;
  });
  afterAll(() => folder[Symbol.dispose]());

  it('prints a log as it was printed, named by id, beginning or name', async () => {
    const whole = await run(folder, 'cat', id);
    expect(whole).toMatchObject({ code: 0, stderr: '' });
    expect(whole.stdout).toBe(`\x1b[31mred\x1b[0m\n${numbers(2, 300_000).join('\n')}\n`);
    expect((await run(folder, 'cat', id.slice(0, 4), '-n', '2')).stdout).toBe('299999\n300000\n');
    const { name } = (await keptLogs(folder))[0] as LogSummary;
    expect((await run(folder, 'cat', '-n', '+299999', name)).stdout).toBe('299999\n300000\n');
  });

  it('--strip leaves out the colors', async () => {
    expect((await run(folder, 'cat', '--strip', id)).stdout.slice(0, 6)).toBe('red\n2\n');
  });

  it('says nothing to a reader that leaves, as cat', async () => {
    const env = { ...process.env, SSE_TAIL_DIR: folder.file('logs') };
    const script = `${process.execPath} ${program} cat ${id} | head -n 2; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script], { env });
    expect(stdout).toBe('\x1b[31mred\x1b[0m\n2\n141\n');
    expect(stderr).toBe('');
  });

  it('a log that is not there, or not the only one, is one sentence', async () => {
    expect(await run(folder, 'cat', 'nothing')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'sse-tail: There is no log "nothing". "sse-tail logs" lists them.\n',
    });
    await run(folder, '-q', '--', 'sh', '-c', 'true');
    const twice = await run(folder, 'cat', 'sh');
    expect(twice).toMatchObject({ code: 1, stdout: '' });
    expect(twice.stderr).toMatch(/^sse-tail: "sh" matches 2 logs: sh-[^,]+, sh-[^,]+\. Use the ID of one of them\.\n$/);
  });

  it('-f goes on with a log that another sse-tail writes, to its end', async () => {
    using own = temporaryFolder();
    const waiting = await startWaiting(own);
    await using _ = waiting.agent;
    await using cat = startAgent(own.path, ['cat', '-f', waiting.id]);
    await until('the first line', () => cat.stdout === 'first\n');
    expect((await run(own, 'cat', waiting.id)).stdout).toBe('first\n');
    waiting.finish();
    expect(await cat.ended()).toEqual({ code: 0, signal: null });
    expect(cat.stdout).toBe('first\nlast\n');
    expect(cat.stderr).toBe('');
  });

  it('-f ends when the sse-tail that writes it was killed', async () => {
    using own = temporaryFolder();
    const waiting = await startWaiting(own);
    await using _ = waiting.agent;
    await using cat = startAgent(own.path, ['cat', '-f', waiting.id]);
    await until('the first line', () => cat.stdout === 'first\n');
    waiting.agent.child.kill('SIGKILL');
    waiting.finish();
    expect(await cat.ended()).toEqual({ code: 0, signal: null });
  });
});

describe('sse-tail rm', () => {
  it('removes what is finished, and refuses what is being written with its pid and URL', async () => {
    using folder = temporaryFolder();
    for (const word of ['one', 'two', 'three']) await run(folder, '-q', '--', 'echo', word);
    const waiting = await startWaiting(folder);
    await using _ = waiting.agent;

    const both = await run(folder, 'rm', waiting.id, 'echo-one');
    expect(both.code).toBe(1);
    expect(both.stderr).toContain(`process ${waiting.agent.child.pid}, ${waiting.url}`);
    expect((await keptLogs(folder)).map(({ name }) => name.slice(0, 8))).toEqual(["sh -c 'e", 'echo thr', 'echo two']);

    // Nothing is removed where one of the words fits no log.
    expect((await run(folder, 'rm', 'echo-two', 'nothing')).code).toBe(1);
    expect(await keptLogs(folder)).toHaveLength(3);

    const all = await run(folder, 'rm', '--all');
    expect(all).toMatchObject({ code: 0, stdout: '' });
    expect(all.stderr).toMatch(/^sse-tail: Removed 2 logs \(\d+ B\)\. 1 log is still in use and was kept\.\n$/);
    expect((await keptLogs(folder)).map(({ id }) => id)).toEqual([waiting.id]);
    waiting.finish();
    expect((await waiting.agent.ended()).code).toBe(3);
    expect((await run(folder, 'cat', waiting.id)).stdout).toBe('first\nlast\n');
  });
});

describe('sse-tail serve', () => {
  it('says that there are no logs in a directory that is not there', async () => {
    using folder = temporaryFolder();
    await using server = startAgent(folder.path, ['serve', '--dir', folder.file('typo')]);
    await server.url();
    await expect.poll(() => server.stderr).toContain(`No logs are kept in ${folder.file('typo')} yet.`);
  });

  let browser: TestBrowser;

  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser[Symbol.asyncDispose]());

  it('gives the logs that other agents are writing, live, every line once', async () => {
    using folder = temporaryFolder();
    await using server = startAgent(folder.path, ['serve']);
    const url = await server.url();
    const script = 'i=0; while [ $i -lt 300 ]; do i=$((i+1)); seq $((i*100-99)) $((i*100)); sleep 0.005; done; exit 3';
    const file = folder.file('app.log');
    writeFileSync(file, 'one\n');
    await using command = startAgent(folder.path, ['-q', '--linger', '1m', '--', 'sh', '-c', script]);
    await using follower = startAgent(folder.path, [file]);
    const ids = [];
    for (const agent of [command, follower]) ids.push((await helloFrom(await agent.url())).log);
    const [commandLog, fileLog] = ids;

    using early = await open(`${url}logs/${commandLog}/events`);
    using followed = await open(`${url}logs/${fileLog}/events`);
    await early.until('the middle', (stream) => (stream.ids.at(-1) ?? 0) > 10_000);
    using late = await open(`${url}logs/${commandLog}/events?lastEventId=5000`);
    await followed.until('the first line of the file', (stream) => stream.ids.length === 1);
    appendFileSync(file, 'two\n');
    await followed.until('the second line of the file', (stream) => stream.body.includes('data: two\n'));
    for (const stream of [early, late]) {
      await stream.whole();
      const status = stream.events.filter(({ type }) => type === 'status').at(-1);
      expect(JSON.parse(status?.data ?? '')).toMatchObject({ state: 'exited', code: 3 });
    }
    expect(early.ids).toEqual(numbers(1, 30_000));
    expect(late.ids).toEqual(numbers(5001, 30_000));
    expect(followed.ids).toEqual([1, 2]);

    server.child.kill('SIGINT');
    expect(await server.ended()).toEqual({ code: 0, signal: null });
    expect(await statusOf(await follower.url())).toEqual({ state: 'following' });
  });

  it('shows the list, live, and each log under it', async () => {
    using folder = temporaryFolder();
    await using server = startAgent(folder.path, ['serve']);
    const page = await browser.open(await server.url());
    await page.locator('.nothing').waitFor();
    await page.locator('.connection[data-state="live"]').waitFor();

    await run(folder, '-q', '--title', '<b>older</b>', '--', 'true');
    const waiting = await startWaiting(folder);
    await using _ = waiting.agent;
    const row = page.locator(`a.log[data-log-id="${waiting.id}"]`);
    await page.locator(`section >> nth=0 >> a.log[data-log-id="${waiting.id}"][data-state="running"]`).waitFor();
    const older = page.locator('section >> nth=1 >> a.log[data-state="exited"][data-code="0"]');
    await expect.poll(() => older.locator('.name').textContent()).toBe('<b>older</b>');
    await expect.poll(() => page.locator('.count').textContent()).toBe('2 logs');

    await page.locator('.find').fill('OLDER');
    await row.waitFor({ state: 'detached' });
    await page.locator('.find').fill('');
    waiting.finish();
    await page.locator(`a.log[data-log-id="${waiting.id}"][data-state="exited"][data-code="3"]`).waitFor();
    await expect.poll(() => row.locator('.lines').textContent()).toBe('2 lines');

    await row.click();
    await expect.poll(() => lineText(page, 2).textContent()).toBe('last');
    await page.locator('a.all-logs').click();
    await page.locator('section >> nth=0 >> a.log >> nth=1').waitFor();
    await run(folder, 'rm', waiting.id);
    await row.waitFor({ state: 'detached' });
    expect(browser.complaints).toEqual([]);
  });
});

describe.concurrent('--once', () => {
  let browser: TestBrowser;

  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser[Symbol.asyncDispose]());

  it('follows a file until the page is closed; a reload is no closing', async () => {
    using folder = temporaryFolder();
    const file = folder.file('app.log');
    writeFileSync(file, 'one\n');
    await using agent = startAgent(folder.path, ['--once', file]);
    const page = await browser.open(await agent.url());
    await lineText(page, 1).waitFor();
    await page.reload();
    await lineText(page, 1).waitFor();
    expect(agent.child.exitCode).toBeNull();
    await page.close();
    expect(await agent.ended()).toEqual({ code: 0, signal: null });
  });

  it('a command goes on when the tab is closed, and then ends sse-tail with its code', async () => {
    using folder = temporaryFolder();
    const gate = folder.file('gate');
    const script = `echo first; while [ -d '${folder.path}' ] && [ ! -e '${gate}' ]; do sleep 0.05; done; echo last; exit 3`;
    await using agent = startAgent(folder.path, ['--once', '--', 'sh', '-c', script]);
    const page = await browser.open(await agent.url());
    await lineText(page, 1).waitFor();
    await page.close();
    const url = await agent.url();
    await until('the page has left', async () => (await (await fetch(`${url}healthz`)).json()).subscribers === 0);
    expect(await statusOf(url)).toMatchObject({ state: 'running' });
    writeFileSync(gate, '');
    expect(await agent.ended()).toEqual({ code: 3, signal: null });
    expect(agent.stdout).toBe('first\nlast\n');
  });

  it('an ended command is served until the page that shows it is closed', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['--once', '-q', '--', 'sh', '-c', 'seq 2000; exit 3']);
    const url = await agent.url();
    await until('the end of the command', async () => (await statusOf(url)).state === 'exited');
    const page = await browser.open(url);
    await page.locator('.status[data-state="exited"][data-code="3"]').waitFor();
    // What is far up is fetched when it is looked at: that takes an agent that is there.
    await page.evaluate(() => {
      location.hash = '#L7';
    });
    await page.locator('.row:not(.loading)[data-id="7"]').getByText('7', { exact: true }).last().waitFor();
    expect(agent.child.exitCode).toBeNull();
    await page.close();
    expect(await agent.ended()).toEqual({ code: 3, signal: null });
  });

  it('--linger says how long a viewer is waited for', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['--once', '--linger', '200ms', '-q', '--', 'sh', '-c', 'exit 3']);
    expect(await agent.ended()).toEqual({ code: 3, signal: null });
  });
});

// One after the other: viewers have five seconds in all, also where the machine is busy.
describe('the end without a terminal', () => {
  const script =
    'while [ ! -e gate ]; do sleep 0.05; done; i=0; while [ $i -lt 20 ]; do i=$((i+1)); seq -f "%090.0f" 5000; done; exit 3';

  it('waits for viewers that have not got everything yet, also for one that reads slowly', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['-q', '--', 'sh', '-c', script]);
    const url = await agent.url();
    using quick = await open(`${url}events`);
    using slow = await open(`${url}events`);
    await slow.until('hello', ({ events }) => events.length > 0);
    slow.pause();
    writeFileSync(folder.file('gate'), '');
    await until('the end of the command', async () => (await statusOf(url)).state === 'exited', 60_000);
    expect(slow.end).toBe('open');
    slow.resume();
    for (const stream of [quick, slow]) {
      await stream.whole();
      expect(stream.ids).toEqual(numbers(1, 100_000));
      expect(JSON.parse(stream.events.at(-2)?.data ?? '')).toMatchObject({ state: 'exited', code: 3 });
    }
    expect(await agent.ended()).toEqual({ code: 3, signal: null });
  });

  it('does not wait for ever for one that reads nothing', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['-q', '--', 'sh', '-c', script]);
    const url = await agent.url();
    using stuck = await open(`${url}events`);
    await stuck.until('hello', ({ events }) => events.length > 0);
    stuck.pause();
    writeFileSync(folder.file('gate'), '');
    const end = async () => {
      const status = await statusOf(url);
      return status.state === 'exited' && status;
    };
    const { endedAt } = await until('the end of the command', end, 60_000);
    expect(await agent.ended()).toEqual({ code: 3, signal: null });
    expect(Date.now() - endedAt).toBeGreaterThan(3000);
  });
});
