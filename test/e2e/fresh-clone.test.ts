import { type ExecFileException, type ExecFileOptions, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/agent-process.ts';
import { until, within } from '../support/deadline.ts';

const runFile = promisify(execFile);
/** Fails with what was printed; nothing that a newcomer types takes five minutes. */
async function run(file: string, args: string[], options: ExecFileOptions) {
  const limits = { timeout: 300_000, killSignal: 'SIGKILL', maxBuffer: 1e8 } as const;
  try {
    return await runFile(file, args, { ...limits, ...options, encoding: 'utf8' });
  } catch (error) {
    const { message, code, signal, stdout = '' } = error as ExecFileException & { stdout?: string };
    throw new Error(`${message}\nexit code ${code}, signal ${signal}, on stdout:\n${stdout}`);
  }
}
const root = fileURLToPath(new URL('../../', import.meta.url));

/** The commands that the README's section "Two commands" tells to type. */
function commandsOfReadme(): string[] {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const section = /## Two commands\n(.*?)\n## /s.exec(readme)?.[1] ?? '';
  return [...section.matchAll(/^```sh\n(.*?)\n```$/gms)].map((match) => match[1] as string);
}

it("a newcomer's clone in an empty home runs the README's commands, and its package works elsewhere", {
  timeout: 600_000,
}, async () => {
  using folder = temporaryFolder();
  const home = folder.file('home');
  const clone = folder.file('clone');
  mkdirSync(home);
  // Where packages were downloaded before they are not downloaded again: the lock file says what they have to be.
  const { stdout: cache } = await run('npm', ['config', 'get', 'cache'], { cwd: root });
  const packages = {
    ...registryOf(process.env),
    npm_config_cache: cache.trim(),
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
  };
  const env = { PATH: process.env.PATH, HOME: home, CI: 'true', ...packages };
  await run('git', ['clone', '-q', root, clone], { env });
  // Nor is a script compressed again that has been here: a build of the same bytes without this took place before.
  const kept = 'node_modules/.cache/terser';
  if (existsSync(join(root, kept))) cpSync(join(root, kept), join(clone, kept), { recursive: true });
  const [main = '', test = ''] = commandsOfReadme();

  expect(main).toBe('npm install && npx sse-tail -- npm run build');
  const first = await run('sh', ['-c', main], { cwd: clone, env });
  expect(first.stdout).toContain('built in');
  expect(first.stderr).toMatch(/sse-tail: http:\/\/127\.0\.0\.1:\d+\//);

  const status = await run('git', ['status', '--porcelain'], { cwd: clone, env });
  expect(status.stdout).toBe('');

  expect(test).toBe('npm install && npm test');
  // Installed it is by now, and the whole suite would clone again, and so on: a directory of tests stands for it.
  const second = await run('npm', ['test', '--', '--project', 'unit', 'test/unit/words'], { cwd: clone, env });
  expect(second.stdout).toMatch(/Tests .*passed/);

  // What the README's command has built.
  await run('npm', ['pack', '--ignore-scripts'], { cwd: clone, env });
  const tarball = readdirSync(clone).find((name) => name.endsWith('.tgz')) ?? '';
  const listed = await run('tar', ['-tzf', tarball], { cwd: clone });
  const strays = listed.stdout
    .trim()
    .split('\n')
    .filter(
      (name) =>
        !/^package\/(dist\/(agent|web)\/.+|package\.json|README\.md|LICENSE|CHANGELOG\.md|docs\/sse-tail\.1)$/.test(
          name,
        ),
    );
  expect(strays).toEqual([]);

  const elsewhere = folder.file('elsewhere');
  mkdirSync(elsewhere);
  // Without it npm installs into whatever directory above has one.
  writeFileSync(`${elsewhere}/package.json`, '{}');
  await run('npm', ['install', `${clone}/${tarball}`], { cwd: elsewhere, env });
  const agent = spawn('npx', ['sse-tail', '-p', '0', '--linger', '1m', '--', 'echo', 'hello'], {
    cwd: elsewhere,
    env,
    detached: true,
  });
  const exited = once(agent, 'exit');
  let said = '';
  agent.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  try {
    const url = await until('the URL', () => /http:\S+/.exec(said)?.[0]);
    await until('the line', async () => (await (await fetch(`${url}raw`)).text()) === 'hello\n');
    const page = await fetch(url);
    expect(page.headers.get('content-type')).toContain('text/html');
    const library = "import { createAgent } from 'sse-tail'; console.log(typeof createAgent);";
    const imported = await run(process.execPath, ['--input-type=module', '-e', library], { cwd: elsewhere, env });
    expect(imported.stdout).toBe('function\n');
  } finally {
    // To the whole group, as Ctrl-C in a terminal sends it: npx passes it to nobody.
    if (agent.exitCode === null) process.kill(-(agent.pid as number), 'SIGINT');
    await within('the end of npx', exited);
  }
});

/** How this machine reaches the npm registry, which the empty home doesn't know. */
function registryOf(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) =>
      /^(npm_config_(registry|cafile)|https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS)$/i.test(name),
    ),
  );
}
