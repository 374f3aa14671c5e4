import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { refuseComplaints, temporaryFolder } from '../support/agent-process.ts';
import { program } from '../support/built-program.ts';
import { until, within } from '../support/deadline.ts';

/** Whom permissions hold for; root may do anything. */
const nobody = 65_534;
const isRoot = process.getuid?.() === 0;

interface Surroundings {
  env?: NodeJS.ProcessEnv;
  /** Options that come with them. */
  args?: string[];
  /** What a shell does before it starts the program, in the test's directory. */
  shell?: string;
}

/** The test's directory holds `file`, `shut` (mode 0) and `readonly` (mode 0555). */
const surroundings: Record<string, (root: string) => Surroundings> = {
  'no HOME': () => ({ env: { HOME: undefined } }),
  'a HOME that is missing': (root) => ({ env: { HOME: `${root}/missing/home` } }),
  'a HOME that is a file': (root) => ({ env: { HOME: `${root}/file` } }),
  'a HOME that may not be written': (root) => ({ env: { HOME: `${root}/readonly` } }),
  'an XDG_STATE_HOME that may not be entered': (root) => ({ env: { XDG_STATE_HOME: `${root}/shut` } }),
  'a TMPDIR that is missing': (root) => ({ env: { TMPDIR: `${root}/missing/tmp` } }),
  'a TMPDIR that may not be written': (root) => ({ env: { TMPDIR: `${root}/readonly` } }),
  'a TMPDIR that is a file': (root) => ({ env: { TMPDIR: `${root}/file` } }),
  '--dir missing': () => ({ args: ['--dir', 'missing/dir'] }),
  '--dir a file': () => ({ args: ['--dir', 'file'] }),
  '--dir below a file': () => ({ args: ['--dir', 'file/dir'] }),
  '--dir that may not be written': () => ({ args: ['--dir', 'readonly'] }),
  '--dir in a directory that may not be written': () => ({ args: ['--dir', 'readonly/dir'] }),
  '--dir that may not be entered': () => ({ args: ['--dir', 'shut'] }),
  '--dir where nothing can be made': () => ({ args: ['--dir', '/proc/sse-tail'] }),
  '--dir too long for a file system': () => ({ args: ['--dir', 'x'.repeat(300)] }),
  '--dir a loop of links': () => ({ args: ['--dir', 'loop'], shell: 'ln -sf loop loop' }),
  'a current directory that was removed': () => ({ shell: 'mkdir gone$$; cd gone$$; rmdir ../gone$$' }),
  'standard input closed': () => ({ shell: 'exec <&-' }),
  'standard output closed': () => ({ shell: 'exec >&-' }),
};

/** What is started; `{root}` is the test's directory. All but the first few take turns in each surroundings. */
const starts: string[][] = [
  ['--no-keep', '-c', 'echo on'],
  ['-c', 'echo on'],
  ['--name', 'nightly', '-c', 'echo on'],
  ['--tty', '-c', 'echo on'],
  ['--save', '{root}/missing/copy', '-c', 'echo on'],
  ['--save', '{root}/shut/copy', '-c', 'echo on'],
  ['--socket', '{root}/missing/s.sock', '-c', 'echo on'],
  ['--socket', '{root}/readonly/s.sock', '-c', 'echo on'],
  ['--token-file', '{root}/missing/token', '-c', 'echo on'],
  ['--token-file', '{root}', '-c', 'echo on'],
  ['--tls-cert', '{root}/file', '--tls-key', '{root}/missing', '-c', 'echo on'],
  ['--host', '192.0.2.1', '-c', 'echo on'],
  ['--no-keep', '-'],
  ['{root}/file'],
  ['{root}/missing/file'],
  ['{root}/shut/file'],
  ['--no-keep', '{root}/shut'],
  ['--', '{root}/file'],
  ['logs'],
  ['logs', '--json'],
  ['cat', 'x'],
  ['rm', '--all'],
  ['serve'],
];
const always = 1;

/** Subcommands that only some options make sense for. */
const isPlain = ([first = '']: string[]) => ['logs', 'cat', 'rm'].includes(first);

const cases = Object.keys(surroundings).flatMap((name, index) => {
  const turns = starts.slice(always);
  const chosen = (index % 2 === 0 ? [0, 11] : [0]).map((step) => turns[(index + step) % turns.length] as string[]);
  return [...starts.slice(0, always), ...chosen].map((args) => ({ name, args }));
});

it('no start ends in a stack trace, whatever the surroundings', { timeout: 300_000 }, async () => {
  using folder = temporaryFolder();
  const root = folder.path;
  chmodSync(root, 0o755);
  for (const [name, mode] of [
    ['shut', 0],
    ['readonly', 0o555],
    ['home', 0o755],
  ] as const) {
    mkdirSync(join(root, name));
    if (isRoot) chownSync(join(root, name), nobody, nobody);
    chmodSync(join(root, name), mode);
  }
  writeFileSync(join(root, 'file'), 'a line\n');
  if (isRoot) chownSync(root, nobody, nobody);

  const faults: string[] = [];
  const queue = [...cases];
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const fault = await faultOf(root, next.args, (surroundings[next.name] as (typeof surroundings)[string])(root));
      if (fault !== undefined) faults.push(`${next.name}: sse-tail ${next.args.join(' ')}\n${fault}`);
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  expect(faults).toEqual([]);
});

/** What is wrong about a start, if anything. */
async function faultOf(root: string, words: string[], { env, args = [], shell = ':' }: Surroundings) {
  const own = words.map((word) => word.replaceAll('{root}', root));
  const ports = isPlain(words) || words.includes('--socket') ? [] : ['--port', '0'];
  const [first = '', ...rest] = own;
  const argv = /^(logs|cat|rm|serve)$/.test(first) ? [first, ...args, ...ports, ...rest] : [...args, ...ports, ...own];
  const child = spawn('/bin/sh', ['-c', `${shell}; exec "$0" "$@"`, process.execPath, program, ...argv], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: `${root}/home`, CI: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(isRoot ? { uid: nobody, gid: nobody } : {}),
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  child.stdout.resume();
  const closed = once(child, 'close');
  try {
    await until('an end or a page', () => child.exitCode !== null || /https?:\/\/|waiting|http\+unix/.test(stderr));
    const stop = setInterval(() => child.kill('SIGTERM'), 200);
    await within('the end', closed).finally(() => clearInterval(stop));
    return faultIn(stderr, child);
  } catch (error) {
    child.kill('SIGKILL');
    return `${error}\n${stderr}`;
  }
}

function faultIn(stderr: string, { exitCode, signalCode }: ChildProcess): string | undefined {
  try {
    refuseComplaints(stderr);
  } catch {
    return stderr;
  }
  const strays = stderr
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('sse-tail: ') && !line.startsWith('sh: '));
  if (strays.length > 0 || stderr.includes('The system refused something'))
    return `says other things than sentences:\n${stderr}`;
  // A sentence is all there is to go by where nothing was started.
  if (exitCode !== 0 && signalCode === null && stderr === '') return `ended with ${exitCode} without a word`;
  return undefined;
}
