import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { program } from '../support/built-program.ts';
import { until, within } from '../support/deadline.ts';
import { freePort } from '../support/free-port.ts';
import { hasNatsServer, natsTitle, startNatsServer } from '../support/nats-server.ts';

const directory = fileURLToPath(new URL('../../docs/examples/beyond-one-machine/', import.meta.url));
const recipe = (name: string) => readFileSync(join(directory, name), 'utf8');

/** Programs that stand in for what an image has: npx runs the built program, npm prints a line. */
function tools(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const scripts = {
    npx: `[ "$1 $2" = "-y sse-tail" ] || exit 9\nshift 2\nexec "${process.execPath}" "${program}" "$@"`,
    npm: 'echo "npm $* of $BUILD"',
    'sse-tail': `exec "${process.execPath}" "${program}" "$@"`,
  };
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return `${bin}:${process.env.PATH}`;
}

function environment(folder: string, env: NodeJS.ProcessEnv) {
  return { PATH: tools(folder), HOME: folder, SSE_TAIL_DIR: join(folder, 'logs'), ...env };
}

describe.skipIf(!hasNatsServer).concurrent(natsTitle('the recipes beyond one machine'), () => {
  test('are YAML', () => {
    for (const name of readdirSync(directory).filter((name) => /\.ya?ml$/.test(name))) {
      expect(parse(recipe(name)), name).toBeTypeOf('object');
    }
  });

  test('and the commands of their guide do what it says', async () => {
    using folder = temporaryFolder();
    const place = `127.0.0.1:${await freePort()}`;
    const guide = readFileSync(new URL('../../docs/guide/beyond-one-machine.md', import.meta.url), 'utf8');
    const [server = '', ...commands] = [...guide.matchAll(/^```sh\n(.*?)\n```$/gms)].flatMap(([, block = '']) =>
      block.replaceAll('localhost:4222', place).replace('/tmp/nats', folder.file('nats')).split('\n'),
    );
    const env = environment(folder.path, { SSE_TAIL_PORT: '0', BUILD: 'tested' });
    const begin = (command: string) => spawn('sh', ['-c', `exec ${command}`], { env, cwd: folder.path, stdio: 'pipe' });
    const nats = begin(`${server} -a 127.0.0.1 -p ${place.split(':')[1]}`);
    const outputs: string[] = [];
    try {
      for (const command of commands) {
        const child = begin(command);
        let output = '';
        for (const stream of [child.stdout, child.stderr]) {
          stream.setEncoding('utf8').on('data', (text: string) => {
            output += text;
          });
        }
        const closed = once(child, 'close');
        if (command.startsWith('sse-tail serve')) {
          const page = await until('the page of the gateway', () => /http:\/\/\S+/.exec(output)?.[0]);
          await until('the log', async () => (await (await fetch(`${page}logs`)).text()).includes('npm test'));
          child.kill('SIGINT');
        }
        expect({ command, code: (await within(`the end of ${command}`, closed, 60_000))[0], output }).toMatchObject({
          code: 0,
        });
        outputs.push(output);
      }
    } finally {
      nats.kill('SIGKILL');
    }
    expect(commands).toHaveLength(7);
    for (const at of [0, 3, 4]) expect(outputs[at]).toContain('npm test of tested');
    expect(outputs[2]).toContain('npm test');
    expect(readFileSync(folder.file('test.html'), 'utf8').slice(0, 15)).toBe('<!doctype html>');
  });

  test('of GitHub and GitLab publish what their job prints', async () => {
    using folder = temporaryFolder();
    await using server = await startNatsServer();
    const github = parse(recipe('github-actions.yml')).jobs.build;
    const steps: [string, string][] = [
      [
        'github',
        github.steps
          .map((step: { run?: string }) => step.run)
          .filter(Boolean)
          .join('\n'),
      ],
      ['gitlab', parse(recipe('gitlab-ci.yml')).build.script.join('\n')],
    ];
    expect(github.env).toEqual({ SSE_TAIL_STORE: '$' + '{{ secrets.STORE }}' });
    for (const [name, script] of steps) {
      mkdirSync(folder.file(name));
      const step = script.replace('$' + '{{ github.run_id }}', '17').replace(/--linger \S+/, '--linger 1s');
      const env = environment(folder.file(name), { SSE_TAIL_STORE: server.url, BUILD: name, CI_PIPELINE_ID: '17' });
      const job = spawn('sh', ['-e', '-c', step], { env, stdio: 'pipe' });
      let output = '';
      job.stdout.on('data', (text) => {
        output += text;
      });
      const closed = once(job, 'close');
      const [code] = await within(`the end of ${name}`, closed, 60_000).finally(() => job.kill('SIGKILL'));
      expect([code, output]).toEqual([0, `npm test of ${name}\n`]);
    }
    await using list = startAgent(folder.path, ['logs', '--json', '--store', server.url]);
    expect((await list.ended()).code).toBe(0);
    const logs = JSON.parse(list.stdout) as { title: string; last: number }[];
    expect(logs.map(({ title, last }) => [title, last])).toEqual([
      ['build 17', 1],
      ['build 17', 1],
    ]);
  });

  test('of the sidecar and of compose publish a volume, and serve it', async () => {
    using folder = temporaryFolder();
    await using server = await startNatsServer();
    const volume = folder.file('app');
    mkdirSync(volume);
    const [, sidecar] = parse(recipe('kubernetes-sidecar.yaml')).spec.containers;
    const { services } = parse(recipe('compose.yaml'));
    const run = (name: string, [file, ...args]: string[], env: NodeJS.ProcessEnv) => {
      mkdirSync(folder.file(name));
      return spawn(file as string, args, { env: environment(folder.file(name), env), stdio: 'ignore' });
    };
    const port = await freePort();
    const token = 'a-token-of-sixteen-characters';
    const inVolume = sidecar.command.map((word: string) => word.replace('/var/log/app', volume));
    const onPort = services.gateway.command.map((word: string) =>
      word === '7730' ? String(port) : word.replace('0.0.0.0', '127.0.0.1'),
    );
    const processes = [
      run('sidecar', inVolume, { SSE_TAIL_STORE: server.url }),
      run('gateway', onPort, { SSE_TAIL_STORE: server.url, SSE_TAIL_TOKEN: token }),
    ];
    try {
      writeFileSync(join(volume, 'app.log'), 'from the application\n');
      await until('the gateway has the line', async () => {
        const headers = { authorization: `Bearer ${token}` };
        const logs = await fetch(`http://127.0.0.1:${port}/logs`, { headers }).then(
          (answer) => answer.json() as Promise<{ id: string }[]>,
          () => [],
        );
        if (logs[0] === undefined) return false;
        const raw = await fetch(`http://127.0.0.1:${port}/logs/${logs[0].id}/raw?strip=1`, { headers });
        return (await raw.text()).includes('from the application');
      });
    } finally {
      for (const one of processes) one.kill('SIGKILL');
    }
  });

  test('have a configuration that NATS takes', async () => {
    using folder = temporaryFolder();
    const text = recipe('nats.conf')
      .replace('/data', folder.file('store'))
      .replace(/^listen: .*$/m, '');
    // Made for 2.12; what the oldest server that is tested with does not know is left out.
    await using server = await startNatsServer(
      text.replace(/^jetstream \{[^}]*\}/m, '').replace(/^ *sync_interval.*$/m, ''),
    );
    expect(text).toMatch(/^ {2}sync_interval: always$/m);
    expect(server.port).toBeGreaterThan(0);
  });
});
