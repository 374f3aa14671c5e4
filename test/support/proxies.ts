import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { until, within } from './deadline.ts';
import { canInstallPackages, installPackages } from './debian-packages.ts';
import { isExecutable } from './executable.ts';

/** Reverse proxies as people use them, each as the distribution has it. */
export const proxyNames = ['nginx', 'apache', 'haproxy', 'caddy'] as const;
export type ProxyName = (typeof proxyNames)[number];

const programs: Record<ProxyName, string> = { nginx: 'nginx', apache: 'apache2', haproxy: 'haproxy', caddy: 'caddy' };
export const apacheModules = '/usr/lib/apache2/modules';

/** Path of a proxy's program; undefined where it is not installed. Those of servers are often in no user's PATH. */
export function findProxy(name: ProxyName): string | undefined {
  const dirs = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return dirs.map((dir) => join(dir, programs[name])).find(isExecutable);
}

/** Installs Debian's where that is allowed. Returns the names of those that there are not. */
export function installProxies(): ProxyName[] {
  const missing = () => proxyNames.filter((name) => findProxy(name) === undefined);
  if (missing().length > 0 && canInstallPackages()) {
    try {
      installPackages(missing().map((name) => programs[name]));
    } catch {
      // The tests say which ones are missing.
    }
  }
  return missing();
}

/**
 * Starts a proxy; its disposal ends it.
 *
 * @param port one that it listens on
 * @param text its configuration as its manual has it, without what is about the machine
 */
export async function startProxy(name: ProxyName, port: number, text: string): Promise<AsyncDisposable> {
  const program = findProxy(name);
  if (program === undefined) throw new Error(`There is no ${programs[name]}: install it (Debian: apt-get install).`);
  const dir = mkdtempSync(join(tmpdir(), 'sse-tail-proxy-'));
  chmodSync(dir, 0o755);
  const config = join(dir, 'config');
  writeFileSync(config, wholeConfig(name, dir, text));
  let output = '';
  const child = spawn(program, argumentsFor(name, config, dir), {
    env: { PATH: process.env.PATH, HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  await until(`an answer of ${name}`, async () => {
    if (child.exitCode !== null) throw new Error(`${name} has ended: ${output}`);
    return answers(port);
  });
  return {
    async [Symbol.asyncDispose]() {
      await stop(child);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 2000);
  await within('the end of a proxy', closed).finally(() => clearTimeout(timer));
}

function argumentsFor(name: ProxyName, config: string, dir: string): string[] {
  switch (name) {
    case 'nginx':
      return ['-c', config, '-p', dir, '-e', 'stderr'];
    case 'apache':
      return ['-f', config, '-DFOREGROUND'];
    case 'haproxy':
      return ['-f', config, '-db'];
    case 'caddy':
      return ['run', '--config', config, '--adapter', 'caddyfile'];
  }
}

/** What the distribution's own configuration says, with every path in the test's directory. */
function wholeConfig(name: ProxyName, dir: string, text: string): string {
  const isRoot = process.getuid?.() === 0;
  switch (name) {
    case 'nginx':
      return `daemon off;
pid ${dir}/pid;
worker_processes 1;
events {}
http {
  access_log off;
  client_body_temp_path ${dir}/body;
  proxy_temp_path ${dir}/proxy;
  fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi;
  scgi_temp_path ${dir}/scgi;
${text}
}
`;
    case 'apache':
      return `ServerName localhost
ServerRoot ${dir}
PidFile ${dir}/pid
ErrorLog ${dir}/error.log
${['mpm_event', 'authz_core', 'proxy', 'proxy_http', 'alias'].map((one) => `LoadModule ${one}_module ${apacheModules}/mod_${one}.so`).join('\n')}
${isRoot ? 'User www-data\nGroup www-data' : ''}
Mutex pthread
${text}
`;
    case 'haproxy':
      return `global
  maxconn 200
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
${text}
`;
    case 'caddy':
      return `{
  admin off
  auto_https off
}
${text}
`;
  }
}

/** An answer, not a connection: while it starts, Apache listens, closes that again, and listens anew. */
function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(5000) }).then(
    () => true,
    () => false,
  );
}
