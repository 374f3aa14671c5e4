import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { lineText, startBrowser, type TestBrowser } from '../support/browser.ts';
import { until } from '../support/deadline.ts';
import { findProxy, installProxies, type ProxyName, proxyNames, startProxy } from '../support/proxies.ts';

const site = 'logs.example.com';
const missing = installProxies();

interface Agents {
  /** Knows no name but its own. */
  strict: AgentProcess;
  /** Knows the site's name. */
  named: AgentProcess;
  sockets: { strict: string; named: string };
}

let browser: TestBrowser;
let folder: ReturnType<typeof temporaryFolder>;
let agents: Agents;
let open: AgentProcess[] = [];
let lines = 1;

beforeAll(async () => {
  browser = await startBrowser([`--host-resolver-rules=MAP ${site} 127.0.0.1`]);
  folder = temporaryFolder();
  chmodSync(folder.path, 0o755);
  writeFileSync(folder.file('x.log'), 'line 1\n');
  const start = (...args: string[]) => {
    const agent = startAgent(folder.path, [...args, folder.file('x.log')]);
    open.push(agent);
    return agent;
  };
  const sockets = { strict: folder.file('strict.sock'), named: folder.file('named.sock') };
  // The proxies' own users connect.
  const toSocket = (path: string) => ['--socket', path, '--socket-mode', '666'];
  const onSocket = [start(...toSocket(sockets.strict)), start(...toSocket(sockets.named), '--allow-host', site)];
  agents = { strict: start(), named: start('--allow-host', site), sockets };
  await Promise.all([agents.strict.url(), agents.named.url()]);
  for (const agent of onSocket) await until('a socket', () => agent.stderr.includes('unix:'));
});
afterAll(async () => {
  await Promise.all(open.map((agent) => agent[Symbol.asyncDispose]()));
  open = [];
  folder[Symbol.dispose]();
  await browser[Symbol.asyncDispose]();
});

const hostOf = async (agent: AgentProcess) => new URL(await agent.url()).host;

/** The page shows what there is and what comes. */
async function expectToWork(address: string): Promise<void> {
  const page = await browser.open(address);
  await lineText(page, lines).waitFor();
  const next = ++lines;
  appendFileSync(folder.file('x.log'), `line ${next}\n`);
  await lineText(page, next)
    .filter({ hasText: `line ${next}` })
    .waitFor();
  await page.context().close();
}

/** The log list leads to the log under its own address, and there is a way to one of its lines. */
async function expectLogsToWork(address: string): Promise<void> {
  const page = await browser.open(`${address}logs`);
  await page.getByText('x.log').first().click();
  await lineText(page, lines).waitFor();
  await page.goto(`${page.url()}#L1`);
  await lineText(page, 1).waitFor();
  await page.context().close();
}

interface Recipe {
  proxy: ProxyName;
  text: string;
  /** Where the page is. */
  path: string;
}

/** The blocks of the page that tells how. */
function recipes(): Recipe[] {
  const guide = readFileSync(new URL('../../docs/guide/behind-a-proxy.md', import.meta.url), 'utf8');
  return [...guide.matchAll(/```(\w+)\n(.*?)```/gs)].flatMap(([, language = '', text = '']) =>
    proxyNames.includes(language as ProxyName)
      ? [{ proxy: language as ProxyName, text, path: text.includes('/tail') ? '/tail/' : '/' }]
      : [],
  );
}

/** A recipe with this machine's ports and paths. */
function settled(text: string, port: number, agentHost: string, socket: string): string {
  return text
    .replaceAll('127.0.0.1:7730', agentHost)
    .replaceAll('/run/sse-tail/log.sock', socket)
    .replace('listen 80;', `listen ${port};`)
    .replace('<VirtualHost *:80>', `Listen ${port}\n<VirtualHost *:${port}>`)
    .replace('bind :80', `bind :${port}`)
    .replace(/^logs\.example\.com \{/m, `http://${site}:${port} {`);
}

describe.each(proxyNames)('%s', (name) => {
  it('is installed', (context) => {
    if (missing.includes(name))
      context.skip(`There is no ${name}: install it to run these tests (Debian: apt-get install ${name}).`);
    expect(findProxy(name)).toBeDefined();
  });

  const own = recipes().filter(({ proxy }) => proxy === name);
  it.runIf(!missing.includes(name))(`has its ${own.length} recipes in the guide, and each of them works`, async () => {
    expect(own).toHaveLength(3);
    const agentHost = await hostOf(agents.named);
    for (const { text, path } of own) {
      await using proxy = await startProxy(name, (port) => settled(text, port, agentHost, agents.sockets.named));
      const address = `http://${site}:${proxy.port}${path}`;
      await expectToWork(address);
      await expectLogsToWork(address);
    }
  });

  it.runIf(!missing.includes(name))(
    'carries the page under any prefix, to a port or a socket, with any Host',
    async () => {
      for (const host of ['replaced', 'passed'] as const) {
        const agent = host === 'passed' ? agents.named : agents.strict;
        const agentHost = await hostOf(agent);
        const socket = host === 'passed' ? agents.sockets.named : agents.sockets.strict;
        await using proxy = await startProxy(name, (port) => sweepConfig[name]({ port, agentHost, socket, host }));
        await Promise.all(
          sweepPaths.flatMap(({ visits }) =>
            visits.flatMap((path) =>
              ['', '/sock'].map((root) => expectToWork(`http://${site}:${proxy.port}${root}${path}`)),
            ),
          ),
        );
      }
    },
  );
});

/** Prefixes as they are written in configurations, and where people go then. */
const sweepPaths = [
  { prefix: '/plain', visits: ['/plain', '/plain/'] },
  { prefix: '/slash/', visits: ['/slash/'] },
  { prefix: '/a/b/c/', visits: ['/a/b/c/'] },
];

interface Sweep {
  port: number;
  agentHost: string;
  socket: string;
  host: 'replaced' | 'passed';
}

const sweepConfig: Record<ProxyName, (sweep: Sweep) => string> = {
  nginx({ port, agentHost, socket, host }) {
    const header = host === 'passed' ? 'proxy_set_header Host $host;' : '';
    const to = (root: string, upstream: string) =>
      sweepPaths.map(({ prefix }) => `location ${root}${prefix} { proxy_pass ${upstream}; ${header} }`);
    const all = [...to('', `http://${agentHost}/`), ...to('/sock', `http://unix:${socket}:/`)];
    return `server { listen ${port}; ${all.join('\n')} }`;
  },

  apache({ port, agentHost, socket, host }) {
    const to = (root: string, upstream: string) =>
      sweepPaths.map(({ prefix }) => `ProxyPass ${root}${prefix} ${upstream} flushpackets=on`);
    const all = [...to('', `http://${agentHost}/`), ...to('/sock', `unix:${socket}|http://localhost/`)];
    return `Listen ${port}\nProxyPreserveHost ${host === 'passed' ? 'On' : 'Off'}\n${all.join('\n')}`;
  },

  haproxy({ port, agentHost, socket, host }) {
    const header = host === 'replaced' ? 'http-request set-header Host localhost' : '';
    const strip = 'http-request replace-path (/sock)?/(plain|slash|a/b/c)/?(.*) /\\3';
    return `frontend web
  bind :${port}
  use_backend sock if { path_beg /sock/ }
  default_backend port
backend port
  ${strip}
  ${header}
  server agent ${agentHost}
backend sock
  ${strip}
  ${header}
  server agent unix@${socket}`;
  },

  caddy({ port, agentHost, socket, host }) {
    const header = host === 'replaced' ? '{\n header_up Host localhost\n }' : '';
    const to = (root: string, upstream: string) =>
      sweepPaths.map(({ prefix }) => `handle_path ${root}${prefix}* {\n reverse_proxy ${upstream} ${header}\n}`);
    return `http://${site}:${port} {\n${[...to('/sock', `unix/${socket}`), ...to('', agentHost)].join('\n')}\n}`;
  },
};
