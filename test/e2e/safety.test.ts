import { spawn } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { program } from '../support/built-program.ts';
import { until, within } from '../support/deadline.ts';
import { helloFrom } from '../support/hello.ts';
import { ask, connectBare } from '../support/http-client.ts';
import { execFileSync, spawnSync } from '../support/sync-child.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
const fetchText = async (url: string) => (await fetch(url)).text();
const token = 'a-token-for-tests-only';
const authorised = { headers: { Authorization: `Bearer ${token}` } };

describe('files', () => {
  it('are their owner’s alone, also under a loose umask', async () => {
    const umask = process.umask(0);
    onTestFinished(() => {
      process.umask(umask);
    });
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['-q', '--linger', '1m', '--', 'echo', 'hello']);
    await until('the line', async () => (await fetchText(`${await agent.url()}raw`)) === 'hello\n');
    const names = readdirSync(folder.file('logs'), { recursive: true, encoding: 'utf8' });
    expect(names.length).toBeGreaterThanOrEqual(4);
    for (const name of ['', ...names]) {
      // What is written beside its old version and renamed is gone by now.
      const stats = statSync(join(folder.file('logs'), name), { throwIfNoEntry: false });
      if (stats === undefined) continue;
      expect([name, (stats.mode & 0o777).toString(8)]).toEqual([name, stats.isDirectory() ? '700' : '600']);
    }
  });

  it('behind symbolic links in the state dir are not served', async () => {
    using folder = temporaryFolder();
    mkdirSync(folder.file('elsewhere'));
    writeFileSync(join(folder.file('elsewhere'), '000000000001.sse'), 'id: 1\ndata: private\n\n');
    mkdirSync(folder.file('logs'), { mode: 0o700 });
    symlinkSync(folder.file('elsewhere'), join(folder.file('logs'), 'link-1'));
    await using agent = startAgent(folder.path, ['-q', '--linger', '1m', '--', 'echo', 'hello']);
    const url = await agent.url();
    const own = (await helloFrom(url)).log;
    symlinkSync('/etc/passwd', join(folder.file('logs'), own, '000000000000.sse'));
    expect((await fetch(`${url}logs/link-1/raw`)).status).toBe(404);
    expect(await fetchText(`${url}logs`)).not.toContain('link-1');
    expect(await fetchText(`${url}raw`)).not.toContain('root:');
    expect(lstatSync(join(folder.file('logs'), 'link-1')).isSymbolicLink()).toBe(true);
  });

  it('outside are not reached by any log id', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.file('000000000001.sse'), 'id: 1\ndata: private\n\n');
    await using agent = startAgent(folder.path, ['-q', '--linger', '1m', '--', 'echo', 'hello']);
    const port = Number(new URL(await agent.url()).port);
    for (const id of ['..', '%2e%2e', '..%2f..%2fetc', '.', '%00', 'a%2fb', '-x', 'x'.repeat(200), '%ff', '..%5c..']) {
      // As it is: a URL's dots would be resolved before they are sent.
      const request = `GET /logs/${id}/raw HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
      using client = await connectBare(port, request);
      await until('an answer', () => client.isClosed);
      expect(client.received).toMatch(/^HTTP\/1\.1 40[04] /);
      expect(client.received).not.toContain('private');
    }
  });

  it('of somebody else are no state dir', async (context) => {
    if (process.getuid?.() !== 0) return context.skip('needs the right to give files away');
    using folder = temporaryFolder();
    mkdirSync(folder.file('logs'));
    execFileSync('chown', ['12345', folder.file('logs')]);
    await using agent = startAgent(folder.path, ['--', 'echo', 'hello']);
    expect(await agent.ended()).toEqual({ code: 1, signal: null });
    expect(agent.stderr).toContain('belongs to user 12345');
  });
});

describe('the token', () => {
  const others = ['-q', '--linger', '1m', '--host', '0.0.0.0', '--', 'echo', 'hello'];

  it('is made up, printed once with the URL, and kept nowhere', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, others);
    const url = new URL(await agent.url());
    const made = url.searchParams.get('token') as string;
    expect(made).toMatch(/^[\w-]{22,}$/);
    expect(agent.stderr.split(made)).toHaveLength(2);
    expect(url.hostname).not.toBe('0.0.0.0');
    expect((await fetch(`${url.origin}/raw`)).status).toBe(401);
    const read = () => ask(`${url.origin}/raw`, { headers: { Authorization: `Bearer ${made}` } });
    await until('the line', async () => (await read()).body === 'hello\n');
    for (const name of readdirSync(folder.path, { recursive: true, encoding: 'utf8' })) {
      if (statSync(folder.file(name)).isFile()) expect(readFileSync(folder.file(name), 'latin1')).not.toContain(made);
    }
  });

  it.each([
    ['the command line', ['--token', token], {}],
    ['the variable', [], { SSE_TAIL_TOKEN: token }],
    ['a file', ['--token-file', 'token.txt'], { SSE_TAIL_TOKEN: 'not-this-but-the-file' }],
  ])('is taken from %s', async (_, args, env) => {
    using folder = temporaryFolder();
    writeFileSync(folder.file('token.txt'), `${token}\n`);
    await using agent = startAgent(folder.path, [...args, ...others], { env });
    const { origin, searchParams } = new URL(await agent.url());
    expect(searchParams.get('token'), 'it is known, and stays out of the terminal').toBe(null);
    expect((await ask(`${origin}/status`, authorised)).status).toBe(200);
  });

  it('that was given counts on this machine, too', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['--linger', '1m', '--', 'sh', '-c', 'echo "[$SSE_TAIL_TOKEN]"'], {
      env: { SSE_TAIL_TOKEN: token },
    });
    const { origin } = new URL(await agent.url());
    expect((await fetch(`${origin}/raw`)).status).toBe(401);
    await until('the line', async () => (await ask(`${origin}/raw`, authorised)).body === '[]\n');
  });

  it('is waived by --no-auth only, with a warning', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['--no-auth', ...others]);
    const url = await agent.url();
    expect(url).not.toContain('token');
    expect(agent.stderr).toContain('anyone who can reach 0.0.0.0 can read');
    await until('the line', async () => (await fetchText(`${url}raw`)) === 'hello\n');
  });

  it.each([
    [['--token', 'too-short'], 'The token has 9 characters; it needs at least 16, without spaces.'],
    [
      ['--token-file', 'nowhere.txt'],
      '--token-file expects a readable file, but "nowhere.txt" can\'t be read: it does not exist.',
    ],
    [['--token-file', '/dev/null'], 'The token in /dev/null has 0 characters; it needs at least 16, without spaces.'],
    [['--save', 'none/x'], 'but "none/x" can\'t be written: its directory does not exist.'],
    [['--store', 'nats:/al:secret@foo'], 'What was given is not shown: it may contain a secret.'],
    [['--token', token, '--no-auth'], "--token and --no-auth can't be used together"],
    [['--socket', 'x.sock', '--port', '1'], "--socket and --port can't be used together"],
    [['--tls-cert', 'cert.pem'], '--tls-cert has no effect without --tls-key'],
    [['--tls-cert', 'a.pem', '--tls-key', 'b.pem'], '--tls-cert expects a readable PEM file'],
    [['--allow-origin', 'ci.example.com'], '--allow-origin expects an origin such as https://ci.example.com'],
    [['--allow-host', 'a/b'], '--allow-host expects a host name'],
    [['--redact-pattern', 'a(?=b)'], '--redact-pattern expects a regular expression without lookaheads'],
    [['--redact', 'X', '--no-redact'], "--no-redact and --redact can't be used together"],
  ])('%j is a mistake', async (args, sentence) => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, [...args, '--', 'echo', 'never'], { env: { SSE_TAIL_PORT: '' } });
    expect(await agent.ended()).toEqual({ code: 2, signal: null });
    expect(agent.stderr).toContain(sentence);
    expect(agent.stdout).toBe('');
  });
});

describe('other ways to listen', () => {
  it('a Unix socket, printed with the way to ask it', async () => {
    using folder = temporaryFolder();
    const socketPath = folder.file('s.sock');
    await using agent = startAgent(
      folder.path,
      ['-q', '--linger', '1m', '--socket', socketPath, '--', 'echo', 'hello'],
      {
        env: { SSE_TAIL_PORT: '' },
      },
    );
    await until('the socket', () => agent.stderr.includes(`curl --unix-socket ${socketPath} http://localhost/`));
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    await until('the line', async () => (await ask('http://localhost/raw', { socketPath })).body === 'hello\n');
  });

  it('TLS, with https in the URL', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, [
      '-q',
      '--linger',
      '1m',
      '--tls-cert',
      fixture('one.cert.pem'),
      '--tls-key',
      fixture('one.key.pem'),
      '--',
      'echo',
      'hello',
    ]);
    const url = await agent.url();
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:/);
    const ca = readFileSync(fixture('one.cert.pem'));
    await until('the line', async () => (await ask(`${url}raw`, { ca })).body === 'hello\n');
  });

  it('serve asks for a token as well', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['serve', '--host', '0.0.0.0', '--token', token]);
    const { origin } = new URL(await agent.url());
    expect((await fetch(`${origin}/logs`)).status).toBe(401);
    expect((await ask(`${origin}/logs`, authorised)).body).toBe('[]');
  });
});

describe('secrets', () => {
  const script = 'echo "$MY_TOKEN"; echo "$OTHER"; echo id=77';
  const env = { MY_TOKEN: 'tops3cret-value', OTHER: 'another-value' };

  it('are replaced in the log and not in the terminal', async () => {
    using folder = temporaryFolder();
    const args = ['--linger', '1m', '--redact', 'OTHER', '--redact-pattern', 'id=(\\d+)', '--', 'sh', '-c', script];
    await using agent = startAgent(folder.path, args, { env });
    const url = await agent.url();
    await until('the lines', async () => (await fetchText(`${url}raw`)) === '***\n***\nid=***\n');
    await expect.poll(() => agent.stdout).toBe('tops3cret-value\nanother-value\nid=77\n');
  });

  it('that there are not, or that are too short, are said', async () => {
    using folder = temporaryFolder();
    const args = ['--redact', 'DEPLYO', '--redact', 'SHORT', '--', 'echo', 'one'];
    await using agent = startAgent(folder.path, args, { env: { DEPLOY: 'tops3cret-value', SHORT: 'abc' } });
    await agent.ended();
    expect(agent.stderr).toContain('--redact DEPLYO has no effect: there is no environment variable of that name.');
    expect(agent.stderr).toContain('--redact SHORT has no effect: the value of that variable is too short');
    expect(agent.stdout).toBe('one\n');
  });

  it('stay with --no-redact', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['-q', '--linger', '1m', '--no-redact', '--', 'sh', '-c', script], {
      env,
    });
    const url = await agent.url();
    await until('the lines', async () => (await fetchText(`${url}raw`)) === 'tops3cret-value\nanother-value\nid=77\n');
  });
});

describe('without any network', () => {
  it('everything works: nothing outside is asked', async (context) => {
    const inside = ['-n', 'sh', '-c', '(ip link set lo up || ifconfig lo up) && exec "$@"', 'sh'];
    // Without root a user namespace of its own gives the right.
    const unshare = [inside, ['-r', ...inside]].find((args) => spawnSync('unshare', [...args, 'true']).status === 0);
    if (unshare === undefined) return context.skip('network namespaces are not permitted here');
    using folder = temporaryFolder();
    const client = fileURLToPath(new URL('../support/isolated-run.mjs', import.meta.url));
    const child = spawn('unshare', [...unshare, process.execPath, client, program], {
      cwd: folder.path,
      env: { PATH: process.env.PATH, HOME: folder.path, SSE_TAIL_DIR: folder.file('logs'), SSE_TAIL_PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const answers = JSON.parse(await within('the isolated run', text(child.stdout), 30_000));
    expect(answers).toEqual({ routes: 0, raw: 'hello\n', page: 200, healthz: 'ok', code: 3 });
  });
});
