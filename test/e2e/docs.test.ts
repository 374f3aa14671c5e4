import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refuseComplaints, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { program } from '../support/built-program.ts';
import { until, within } from '../support/deadline.ts';

/*
 * Every block of README.md and docs/guide is run as it stands, by a reader who has run the commands of all pages: a
 * name that is unique on a page may not be so after another one. A comment in front of a block says otherwise:
 *   <!-- not run: why -->   it can't run here
 *   <!-- agent -->          it needs an agent on port 7730 (whose real port it is given)
 * A block passes when it exits with 0 by itself, or serves its page until it is stopped.
 */

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Block {
  language: 'sh' | 'js';
  text: string;
  needsAgent: boolean;
}

function blocksOf(file: string): Block[] {
  const page = readFileSync(join(root, file), 'utf8');
  return [...page.matchAll(/(?:^<!-- ([^\n]*) -->\n)?^```(sh|js)\n(.*?)\n```$/gms)].flatMap(
    ([, marker, language, text]) =>
      marker?.startsWith('not run: ')
        ? []
        : [{ language: language as Block['language'], text: text as string, needsAgent: marker === 'agent' }],
  );
}

const pages = ['README.md', ...readdirSync(join(root, 'docs/guide')).map((name) => `docs/guide/${name}`)];

let kept: ReturnType<typeof temporaryFolder>;

beforeAll(async () => {
  kept = temporaryFolder();
  prepare(kept.path);
  const commands = pages.flatMap((page) =>
    blocksOf(page).flatMap(({ text }) => /^sse-tail.* -- .*$/gm.exec(text) ?? []),
  );
  const programs = new Map(commands.map((command) => [command.replace(/^.* -- /, ''), command]));
  expect(programs.size).toBeGreaterThan(2);
  for (const command of programs.values()) await runCommand(kept.path, 'sh', command);
}, 60_000);

afterAll(() => kept[Symbol.dispose]());

describe.concurrent.each(pages.filter((page) => blocksOf(page).length > 0))('%s', (page) => {
  it('does what it says', { timeout: 120_000 }, async () => {
    using folder = temporaryFolder();
    prepare(folder.path);
    cpSync(join(kept.path, 'state'), join(folder.path, 'state'), { recursive: true });
    for (const block of blocksOf(page)) await runBlock(folder.path, block);
  });
});

/** A directory as a reader of the docs may have it: a project with a build, some logs, and sse-tail in the PATH. */
function prepare(dir: string): void {
  const scripts = { build: 'echo built', test: 'echo tested' };
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ name: 'example', type: 'module', scripts }));
  writeFileSync(join(dir, 'Makefile'), 'all:\n\t@echo made\n');
  mkdirSync(join(dir, 'logs'));
  for (const name of ['build.log', 'app.log', 'logs/a.log']) writeFileSync(join(dir, name), 'one\ntwo\nthree\n');
  mkdirSync(join(dir, 'bin'));
  writeFileSync(join(dir, 'bin/sse-tail'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  chmodSync(join(dir, 'bin/sse-tail'), 0o755);
  mkdirSync(join(dir, 'node_modules'));
  symlinkSync(root, join(dir, 'node_modules/sse-tail'));
  symlinkSync(join(root, 'node_modules/eventsource'), join(dir, 'node_modules/eventsource'));
}

async function runBlock(dir: string, { language, text, needsAgent }: Block): Promise<void> {
  if (!needsAgent) return run(dir, language, text);
  await using agent = startAgent(dir, ['--linger', '5m', '-c', 'seq 300']);
  const { host } = new URL(await agent.url());
  await run(dir, language, text.replaceAll('localhost:7730', host));
}

/** One command at a time, since the first one may serve until it is stopped. */
async function run(dir: string, language: Block['language'], text: string): Promise<void> {
  const commands = language === 'js' ? [text] : text.split('\n');
  for (const command of commands) await runCommand(dir, language, command);
}

async function runCommand(dir: string, language: Block['language'], text: string): Promise<void> {
  // A stream that never ends has shown that it works when it has sent something for a second.
  const curl = 'curl() { command curl -sS --fail --max-time 1 "$@" || test $? -eq 28; }';
  const argv =
    language === 'js' ? [process.execPath, '--input-type=module', '-e', text] : ['bash', '-c', `${curl}\n${text}`];
  const child = spawn(argv[0] as string, argv.slice(1), {
    cwd: dir,
    env: { PATH: `${join(dir, 'bin')}:${process.env.PATH}`, HOME: dir, XDG_STATE_HOME: join(dir, 'state') },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part) => {
      said += part;
    });
  }
  const closed = once(child, 'close');
  const place = () => /https?:\/\/\S+/.exec(said)?.[0];
  try {
    await until(`the end or the page of: ${text}`, () => child.exitCode !== null || place(), 60_000);
    if (language === 'sh' && servesOn(text)) await answers(place() as string, text);
    const stop = servesOn(text) ? setInterval(() => interrupt(child), 300) : undefined;
    await within(`the end of: ${text}`, closed, 60_000).finally(() => clearInterval(stop));
  } catch (error) {
    if (child.exitCode === null) process.kill(-(child.pid as number), 'SIGKILL');
    throw new Error(`${text}\n${said}`, { cause: error });
  }
  refuseComplaints(said);
  expect({ text, code: child.exitCode, said: child.exitCode === 0 ? '' : said }).toEqual({ text, code: 0, said: '' });
}

/** Once it has exited, its group may be gone before its output has been read to the end. */
function interrupt({ pid, exitCode, signalCode }: ChildProcess): void {
  if (exitCode === null && signalCode === null) process.kill(-(pid as number), 'SIGINT');
}

/** Files are followed and kept logs are served until a signal comes. */
function servesOn(text: string): boolean {
  return /^(\w+=\S+ )?sse-tail serve|sse-tail (?!cat|rm|logs).*(\.log'?)( +#.*)?$/.test(text);
}

async function answers(url: string, text: string): Promise<void> {
  if (text.includes('--socket')) return;
  const shown = url.replace('0.0.0.0', '127.0.0.1');
  const response = await fetch(shown, { redirect: 'manual' });
  expect(response.status, `${text}: ${shown}`).toBeLessThan(402);
}
