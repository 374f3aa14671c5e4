import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { lineText, shownIds, startBrowser, type TestBrowser } from '../support/browser.ts';
import { until } from '../support/deadline.ts';
import { freePort } from '../support/free-port.ts';
import { ask, open } from '../support/http-client.ts';
import {
  apacheModules,
  findProxy,
  installProxies,
  type ProxyName,
  proxyNames,
  startProxy,
} from '../support/proxies.ts';
import { isSoak } from '../support/sweep.ts';

const site = 'logs.example.com';
const missing = installProxies();

/** A log of its own for each test: another one's lines would push on what a proxy holds back. */
interface Log extends AsyncDisposable {
  /** How many lines it has. */
  lines: number;
  appendLine(): void;
  /** One more agent that follows it. */
  start(...args: string[]): AgentProcess;
  at(name: string): string;
}

interface Agents {
  log: Log;
  /** Knows no name but its own. */
  strict: AgentProcess;
  /** Knows the site's name. */
  named: AgentProcess;
  sockets: { strict: string; named: string };
}

let browser: TestBrowser;

beforeAll(async () => {
  browser = await startBrowser({ args: [`--host-resolver-rules=MAP ${site} 127.0.0.1`] });
});
afterAll(() => browser[Symbol.asyncDispose]());

function createLog(): Log {
  const folder = temporaryFolder();
  chmodSync(folder.path, 0o755);
  const path = folder.file('x.log');
  writeFileSync(path, 'line 1\n');
  const started: AgentProcess[] = [];
  const log: Log = {
    lines: 1,
    appendLine: () => appendFileSync(path, `line ${++log.lines}\n`),
    start(...args) {
      const agent = startAgent(folder.path, [...args, path]);
      started.push(agent);
      return agent;
    },
    at: (name) => folder.file(name),
    async [Symbol.asyncDispose]() {
      await Promise.all(started.map((agent) => agent[Symbol.asyncDispose]()));
      folder[Symbol.dispose]();
    },
  };
  return log;
}

async function startAgents(log: Log): Promise<Agents> {
  const sockets = { strict: log.at('strict.sock'), named: log.at('named.sock') };
  // The proxies' own users connect.
  const toSocket = (path: string) => ['--socket', path, '--socket-mode', '666'];
  const onSocket = [
    log.start(...toSocket(sockets.strict)),
    log.start(...toSocket(sockets.named), '--allow-host', site),
  ];
  const agents = { log, strict: log.start(), named: log.start('--allow-host', site), sockets };
  await Promise.all([agents.strict.url(), agents.named.url()]);
  for (const agent of onSocket) await until('a socket', () => agent.stderr.includes('unix:'));
  return agents;
}

const hostOf = async (agent: AgentProcess) => new URL(await agent.url()).host;

/** The page shows what there is and what comes. */
async function expectToWork(page: Page, log: Log, address: string): Promise<void> {
  await page.goto(address);
  await lineText(page, log.lines).waitFor();
  log.appendLine();
  await lineText(page, log.lines)
    .filter({ hasText: `line ${log.lines}` })
    .waitFor();
}

/** The log list leads to the log under its own address, and there is a way to one of its lines. */
async function expectLogsToWork(page: Page, log: Log, address: string): Promise<void> {
  await page.goto(address);
  await page.getByText('x.log').first().click();
  await lineText(page, log.lines).waitFor();
  await page.goto(`${page.url()}#L1`);
  await lineText(page, 1).waitFor();
}

/** What the page asks for under its address: itself, and a stream that brings a line when it is written. */
async function expectStreams(log: Log, port: number, paths: string[]): Promise<void> {
  const ask = (path: string) => open(`http://127.0.0.1:${port}${path}`, { headers: { Host: `${site}:${port}` } });
  const streams = await Promise.all(
    paths.map(async (path) => {
      using page = await ask(path);
      expect([path, page.status, page.headers['content-type']]).toEqual([path, 200, 'text/html; charset=utf-8']);
      const stream = await ask(`${path.replace(/\/$/, '')}/events`);
      return { path, stream };
    }),
  );
  try {
    const allHave = (id: number) =>
      Promise.all(
        streams.map(({ path, stream }) => stream.until(`line ${id} under ${path}`, () => stream.ids.includes(id))),
      );
    await allHave(log.lines);
    log.appendLine();
    await allHave(log.lines);
  } finally {
    for (const { stream } of streams) stream[Symbol.dispose]();
  }
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

/** A recipe with this machine's ports and paths, and names that no other has: one proxy runs them all. */
function settled(text: string, port: number, agentHost: string, socket: string): string {
  return text
    .replaceAll('127.0.0.1:7730', agentHost)
    .replaceAll('/run/sse-tail/log.sock', socket)
    .replace('listen 80;', `listen ${port};`)
    .replace('<VirtualHost *:80>', `Listen ${port}\n<VirtualHost *:${port}>`)
    .replace('bind :80', `bind :${port}`)
    .replace(/^(frontend|backend|\s+default_backend|\s+use_backend) (\w+)/gm, `$1 $2-${port}`)
    .replace(/^logs\.example\.com \{/m, `http://${site}:${port} {`);
}

describe.concurrent.each(proxyNames)('%s', (name) => {
  it('is installed', (context) => {
    if (missing.includes(name))
      context.skip(`There is no ${name}: install it to run these tests (Debian: apt-get install ${name}).`);
    expect(findProxy(name)).toBeDefined();
  });

  const own = recipes().filter(({ proxy }) => proxy === name);
  it.runIf(!missing.includes(name))(
    `has its ${own.length} recipes in the guide, each of which works, and carries any prefix to a port or a socket`,
    async () => {
      expect(own).toHaveLength(3);
      await using log = createLog();
      const sites = await sitesOf(name, own, await startAgents(log));
      await using _ = await startProxy(name, sites[0]?.port as number, sites.map(({ config }) => config).join('\n'));
      const page = await browser.open('about:blank');
      for (const { port, pages, streams, logs } of sites) {
        await expectStreams(log, port, streams);
        for (const path of pages) await expectToWork(page, log, `http://${site}:${port}${path}`);
        if (logs !== undefined) await expectLogsToWork(page, log, `http://${site}:${port}${logs}`);
      }
      await page.context().close();
    },
  );
});

it.runIf(!missing.includes('nginx')).concurrent(
  'nginx that compresses does not compress again what comes compressed',
  async () => {
    await using log = createLog();
    const port = await freePort();
    const upstream = await hostOf(log.start());
    const location = (path: string, forwarded: string) =>
      `location ${path} { proxy_pass http://${upstream}/; proxy_http_version 1.1; proxy_set_header Host ${upstream}; ${forwarded} }`;
    const config = `gzip on; gzip_min_length 1; gzip_proxied any; gzip_http_version 1.0;
    gzip_types text/plain text/event-stream text/javascript text/css;
    server { listen ${port};
      ${location('/told/', 'proxy_set_header X-Forwarded-For 203.0.113.7; proxy_set_header Accept-Encoding gzip;')}
      ${location('/untold/', 'proxy_set_header Accept-Encoding gzip;')} }`;
    await using _ = await startProxy('nginx', port, config);
    const plain = await ask(`http://${upstream}/raw?from=1&to=1`);
    for (const path of ['told', 'untold']) {
      for (const resource of ['raw?from=1&to=1', 'events?from=1&to=1', '']) {
        const asked = { headers: { 'accept-encoding': 'gzip' } };
        const answer = await ask(`http://127.0.0.1:${port}/${path}/${resource}`, asked);
        expect([path, resource, answer.headers['content-encoding']]).toEqual([path, resource, 'gzip']);
        if (resource.startsWith('raw')) expect(answer.body).toBe(plain.body);
        else expect(answer.body).toContain(resource === '' ? '<html' : 'data: line 1\n');
      }
    }
  },
);

it.runIf(!missing.includes('nginx')).concurrent(
  'a proxy that cuts silent streams and passes on no Last-Event-ID: each line comes once',
  async () => {
    await using log = createLog();
    const port = await freePort();
    const upstream = await hostOf(log.start());
    const config = `server { listen ${port}; location / { proxy_pass http://${upstream}; proxy_read_timeout 1s;
      proxy_set_header Last-Event-ID ""; } }`;
    await using _ = await startProxy('nginx', port, config);
    const page = await browser.open('about:blank');
    let cuts = 0;
    page.on('requestfinished', (request) => {
      if (new URL(request.url()).pathname === '/events') cuts++;
    });
    page.on('requestfailed', (request) => {
      if (new URL(request.url()).pathname === '/events') cuts++;
    });
    const first = log.lines;
    await expectToWork(page, log, `http://127.0.0.1:${port}/`);
    for (const wanted of [1, 2]) {
      await until('a cut', () => cuts >= wanted);
      log.appendLine();
      await lineText(page, log.lines).waitFor();
    }
    // Only the rows at the end are in the document.
    const ids = Array.from({ length: 4 }, (_, at) => first + at);
    await expect.poll(async () => (await shownIds(page)).slice(-ids.length)).toEqual(ids);
    for (const id of ids) await expect.poll(() => lineText(page, id).textContent()).toBe(`line ${id}`);
    await page.context().close();
  },
);

/** What administrators set that streams do not like. */
const unkind: [ProxyName, (port: number, agentHost: string) => string][] = [
  [
    'nginx',
    (port, agentHost) => `server { listen ${port}; location / { proxy_pass http://${agentHost}; proxy_http_version 1.0;
      proxy_buffering on; proxy_ignore_headers X-Accel-Buffering; sub_filter 'no such text' ''; sub_filter_types *; } }`,
  ],
  [
    'apache',
    (port, agentHost) => `LoadModule filter_module ${apacheModules}/mod_filter.so
LoadModule deflate_module ${apacheModules}/mod_deflate.so
Listen ${port}\n<VirtualHost *:${port}>\nAddOutputFilterByType DEFLATE text/html text/event-stream text/javascript
ProxyPass / http://${agentHost}/\n</VirtualHost>`,
  ],
  [
    'haproxy',
    (port, agentHost) => `frontend web-${port}\n  bind :${port}\n  option http-buffer-request\n  option httpclose
  compression algo gzip\n  compression type text/event-stream text/html text/javascript
  default_backend b-${port}\nbackend b-${port}\n  http-request set-header Host localhost\n  server agent ${agentHost}`,
  ],
  [
    'caddy',
    (port, agentHost) => `http://:${port} {\n encode {\n  gzip\n  minimum_length 1\n }
 reverse_proxy ${agentHost} {\n  flush_interval 500ms\n  header_up Host localhost\n  buffer_responses\n }\n}`,
  ],
];

it.skipIf(missing.length > 0).concurrent(
  'proxies that hold streams back, compress or rewrite them: the page shows what comes',
  async () => {
    const running: AsyncDisposable[] = [];
    await using log = createLog();
    try {
      const upstream = await hostOf(log.start());
      const pages = await Promise.all(
        unkind.map(async ([name, config]) => {
          const port = await freePort();
          running.push(await startProxy(name, port, config(port, upstream)));
          const page = await browser.open('about:blank');
          await page.goto(`http://127.0.0.1:${port}/`);
          return page;
        }),
      );
      const allShow = async (id: number) => {
        const shown = pages.map((page) => lineText(page, id).filter({ hasText: `line ${id}` }));
        await Promise.all(shown.map((line) => line.waitFor()));
      };
      await allShow(log.lines);
      for (let round = 0; round < 2; round++) {
        log.appendLine();
        await allShow(log.lines);
      }
      await Promise.all(pages.map((page) => page.context().close()));
    } finally {
      await Promise.all(running.map((proxy) => proxy[Symbol.asyncDispose]()));
    }
  },
);

/** What a proxy has on one port. */
interface Site {
  port: number;
  config: string;
  /** Where Chromium goes. */
  pages: string[];
  /** Where a client without a page goes. */
  streams: string[];
  /** Where its log list is looked for. */
  logs?: string;
}

/** The guide's recipes, then every prefix, the browser's Host replaced and passed on. */
async function sitesOf(name: ProxyName, own: Recipe[], agents: Agents): Promise<Site[]> {
  const sites: Site[] = [];
  for (const { text, path } of own) {
    const port = await freePort();
    const config = settled(text, port, await hostOf(agents.named), agents.sockets.named);
    const pages = [path.replace(/(?<=.)\/$/, '')];
    // Chromium goes to the logs of each address once.
    const logs = isSoak || !sites.some(({ streams }) => streams.includes(path)) ? { logs: `${path}logs` } : {};
    sites.push({ port, config, pages, streams: [path], ...logs });
  }
  for (const host of ['replaced', 'passed'] as const) {
    const kind = host === 'passed' ? 'named' : 'strict';
    const port = await freePort();
    const agentHost = await hostOf(agents[kind]);
    const config = sweepConfig[name]({ port, agentHost, socket: agents.sockets[kind], host });
    const streams = ['', '/sock'].flatMap((root) =>
      sweepPaths.flatMap(({ visits }) => visits.map((path) => root + path)),
    );
    const pages = ['/plain', '/sock/a/b/c/'];
    sites.push({ port, config, pages: isSoak ? pages : [pages[sites.length % 2] as string], streams });
  }
  return sites;
}

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
    const preserve = `ProxyPreserveHost ${host === 'passed' ? 'On' : 'Off'}`;
    return `Listen ${port}\n<VirtualHost *:${port}>\n${preserve}\n${all.join('\n')}\n</VirtualHost>`;
  },

  haproxy({ port, agentHost, socket, host }) {
    const header = host === 'replaced' ? 'http-request set-header Host localhost' : '';
    const strip = 'http-request replace-path (/sock)?/(plain|slash|a/b/c)/?(.*) /\\3';
    return `frontend web-${port}
  bind :${port}
  use_backend sock-${port} if { path_beg /sock/ }
  default_backend port-${port}
backend port-${port}
  ${strip}
  ${header}
  server agent ${agentHost}
backend sock-${port}
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
