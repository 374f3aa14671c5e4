import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { program } from '../support/built-program.ts';
import { until } from '../support/deadline.ts';

/** Tells what this process has loaded by the time that it prints its URL, and once it has given its first answer. */
const witness = `
const fs = require('node:fs');
const { write, writeFileSync, renameSync } = fs;
const { Session } = require('node:inspector');
// sse-tail itself asks whether somebody debugs it, a moment after the start.
const before = new Set(process.moduleLoadList);
const told = (when) => {
  const builtin = process.moduleLoadList.filter((name) => !before.has(name)).map((name) => name.replace(/^NativeModule /, ''));
  const session = new Session();
  const scripts = [];
  session.connect();
  session.on('Debugger.scriptParsed', ({ params }) => scripts.push(params.url));
  session.post('Debugger.enable');
  session.disconnect();
  writeFileSync(process.env.WITNESS + when + '.draft', JSON.stringify({ builtin, scripts: scripts.filter((url) => url.startsWith('file:')) }));
  renameSync(process.env.WITNESS + when + '.draft', process.env.WITNESS + when + '.json');
};
let hasPrinted = false;
const tellAndWrite = (fd, bytes, ...rest) => {
  if (!hasPrinted && String(bytes).includes('http://')) {
    hasPrinted = true;
    told('printed');
  }
  return write(fd, bytes, ...rest);
};
fs.write = Object.defineProperties(tellAndWrite, Object.getOwnPropertyDescriptors(write));
process.on('SIGUSR2', () => told('answered'));
`;

interface Loaded {
  builtin: string[];
  scripts: string[];
}

const chunks = ({ scripts }: Loaded) => scripts.map((url) => basename(url).replace(/-[\w-]{8}\.js$/, ''));

describe('a start loads what it needs', () => {
  it.each([
    ['follows a file', (path: string) => [path], []],
    ['runs a command', () => ['--', 'sleep', '1m'], ['commands']],
    ['reads standard input', () => ['-'], []],
  ])('and no more, where it %s', async (_, argsFor, own) => {
    using folder = temporaryFolder();
    const [path, hook] = [folder.file('app.log'), folder.file('witness.cjs')];
    writeFileSync(path, 'a line\n');
    writeFileSync(hook, witness);
    const options = { node: ['--require', hook], env: { WITNESS: folder.file('loaded-') } };
    await using agent = startAgent(folder.path, argsFor(path), options);
    const read = (when: string): Loaded => JSON.parse(readFileSync(folder.file(`loaded-${when}.json`), 'utf8'));

    const url = await agent.url();
    const printed = read('printed');
    const allowed = ['main.js', 'rolldown-runtime', 'ground', 'command-line', 'core', ...own];
    expect(chunks(printed).filter((name) => !['witness.cjs', ...allowed].includes(name))).toEqual([]);
    for (const late of ['crypto', 'https', 'tls', 'readline', 'http2']) {
      expect(printed.builtin, late).not.toContain(late);
    }

    expect((await fetch(`${url}status`)).status).toBe(200);
    agent.child.kill('SIGUSR2');
    await until('what is loaded by then', () => existsSync(folder.file('loaded-answered.json')));
    const then = chunks(read('answered'));
    expect(then).toContain('app');
    for (const late of ['prom-client', 'nats-store', 'publisher', 'export', 'search-thread', 'pty-command']) {
      expect(then, late).not.toContain(late);
    }
    expect(read('answered').scripts.filter((script) => script.includes('/node_modules/'))).toEqual([]);
  });

  it('and what answers requests where it does nothing else', async () => {
    using folder = temporaryFolder();
    const hook = folder.file('witness.cjs');
    writeFileSync(hook, witness);
    const options = { node: ['--require', hook], env: { WITNESS: folder.file('loaded-') } };
    await using agent = startAgent(folder.path, ['serve'], options);
    await agent.url();
    expect(chunks(JSON.parse(readFileSync(folder.file('loaded-printed.json'), 'utf8')))).toContain('app');
  });

  it('and the first of it waits for nothing else', () => {
    // Minified, they stand in one line.
    const imports = readFileSync(program, 'utf8').matchAll(
      /\bimport\b(?:[^"'`();]*\bfrom)?\s*["'`]\.\/([\w-]+)-[\w-]{8}\.js/g,
    );
    expect([...imports].map(([, name]) => name)).toEqual(['ground']);
  });

  it('and no file that only says what another one calls it', () => {
    const directory = dirname(program);
    const isFacade = (name: string) =>
      /^export\s*\{[^}]*\}\s*from[^;]*;?\s*$/.test(readFileSync(join(directory, name), 'utf8'));
    const scripts = readdirSync(directory).filter((name) => /-[\w-]{8}\.js$/.test(name));
    expect(scripts.length).toBeGreaterThan(10);
    expect(scripts.filter(isFacade)).toEqual([]);
  });

  it('and every file that another one names is there', () => {
    const directory = dirname(program);
    const files = readdirSync(directory);
    const named = files
      .filter((name) => name.endsWith('.js'))
      .flatMap((name) => [
        ...readFileSync(join(directory, name), 'utf8').matchAll(/\b(?:from|import)\s*\(?\s*["'`]\.\/([\w.-]+\.js)/g),
      ]);
    expect(named.length).toBeGreaterThan(50);
    expect(named.map(([, name]) => name).filter((name = '') => !files.includes(name))).toEqual([]);
  });
});
