import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createDeferred } from '../../agent/system/deferred.ts';
import { until, within } from './deadline.ts';
import { isExecutable } from './executable.ts';
import { freePort } from './free-port.ts';
import { openTextSocket } from './web-socket.ts';

/** A browser that is not Chromium, as the distribution has it, with one page. */
export interface OtherBrowser extends AsyncDisposable {
  open(url: string): Promise<void>;
  /** The value of a JavaScript expression in the page; a promise is waited for. */
  evaluate<Value>(expression: string): Promise<Value>;
  /** Resolves when the expression is true. */
  until(what: string, expression: string): Promise<void>;
}

export interface OtherBrowserKind {
  name: string;
  /** What there is not; undefined where it can be started. */
  missing: string | undefined;
  start(): Promise<OtherBrowser>;
}

const firefox = findProgram('firefox-esr', 'firefox');
const webKitDriver = findProgram('WebKitWebDriver');
const xvfb = findProgram('Xvfb');
const miniBrowser = ['x86_64-linux-gnu', 'aarch64-linux-gnu']
  .flatMap((machine) => ['4.1', '4.0'].map((version) => `/usr/lib/${machine}/webkit2gtk-${version}/MiniBrowser`))
  .find(isExecutable);

export const otherBrowsers: OtherBrowserKind[] = [
  {
    name: 'Firefox',
    missing: firefox === undefined ? 'Firefox (Debian: apt-get install firefox-esr)' : undefined,
    start: () => startFirefox(firefox as string),
  },
  {
    name: 'WebKit',
    missing:
      webKitDriver === undefined || miniBrowser === undefined || xvfb === undefined
        ? 'WebKit (Debian: apt-get install webkit2gtk-driver xvfb)'
        : undefined,
    start: () => startWebKit(webKitDriver as string, miniBrowser as string, xvfb as string),
  },
];

/** By WebDriver BiDi (https://w3c.github.io/webdriver-bidi), which Firefox speaks itself. */
async function startFirefox(program: string): Promise<OtherBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'sse-tail-firefox-'));
  const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0', 'about:blank'];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: profile } });
  const address = await saidBy(child, /listening on (ws:\S+)/);
  const waiting = new Map<number, ReturnType<typeof createDeferred<unknown>>>();
  const socket = await openTextSocket(`${address}/session`, (text) => {
    const { id, type, result, error, message } = JSON.parse(text);
    const asked = waiting.get(id);
    waiting.delete(id);
    if (type === 'error') asked?.reject(new Error(`${error}: ${message}`));
    else asked?.resolve(result);
  });
  let lastId = 0;

  function ask<Result>(method: string, params: object): Promise<Result> {
    const id = ++lastId;
    const answer = createDeferred<unknown>();
    waiting.set(id, answer);
    socket.send(JSON.stringify({ id, method, params }));
    return within(method, answer.promise) as Promise<Result>;
  }

  await ask('session.new', { capabilities: {} });
  const { contexts } = await ask<{ contexts: { context: string }[] }>('browsingContext.getTree', {});
  const context = contexts[0]?.context;
  return withUntil({
    async open(url) {
      await ask('browsingContext.navigate', { context, url, wait: 'complete' });
    },
    async evaluate(expression) {
      const { result, exceptionDetails } = await ask<{
        result?: { value: string };
        exceptionDetails?: { text: string };
      }>('script.evaluate', { expression: asText(expression), target: { context }, awaitPromise: true });
      if (result === undefined) throw new Error(exceptionDetails?.text);
      return JSON.parse(result.value);
    },
    async [Symbol.asyncDispose]() {
      await ask('browser.close', {}).catch(() => {});
      socket.close();
      await end(child);
      rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  });
}

/** By WebDriver (https://w3c.github.io/webdriver), on a display of its own. */
async function startWebKit(driver: string, binary: string, display: string): Promise<OtherBrowser> {
  const home = mkdtempSync(join(tmpdir(), 'sse-tail-webkit-'));
  const screen = spawn(display, ['-displayfd', '2', '-screen', '0', '1200x800x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const number = await saidBy(screen, /^(\d+)$/m);
  const port = await freePort();
  const child = spawn(driver, [`--port=${port}`], {
    stdio: 'ignore',
    env: {
      ...process.env,
      HOME: home,
      XDG_RUNTIME_DIR: home,
      DISPLAY: `:${number}`,
      WEBKIT_DISABLE_DMABUF_RENDERER: '1',
    },
  });

  async function ask<Value>(path: string, body?: object): Promise<Value> {
    const method = body === undefined ? 'DELETE' : 'POST';
    const options = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const answer = await within(path, fetch(`http://127.0.0.1:${port}/session${path}`, options));
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  }

  await until('an answer of WebKitWebDriver', () => fetch(`http://127.0.0.1:${port}/status`).then(isOk, isNot));
  const browserOptions = { binary, args: ['--automation'] };
  const { sessionId } = await ask<{ sessionId: string }>('', {
    capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': browserOptions } },
  });
  return withUntil({
    async open(url) {
      await ask(`/${sessionId}/url`, { url });
    },
    async evaluate(expression) {
      const script = `${asText(expression)}.then(arguments[0], (error) => arguments[0]('"' + error + '"'))`;
      return JSON.parse(await ask<string>(`/${sessionId}/execute/async`, { script, args: [] }));
    },
    async [Symbol.asyncDispose]() {
      await ask(`/${sessionId}`).catch(() => {});
      await end(child);
      await end(screen);
      rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  });
}

const isOk = ({ ok }: Response) => ok;
const isNot = () => false;

/** A promise of its value as JSON. */
const asText = (expression: string) => `(async () => JSON.stringify((await (${expression})) ?? null))()`;

function withUntil(browser: Omit<OtherBrowser, 'until'>): OtherBrowser {
  return {
    ...browser,
    until: async (what, expression) => {
      await until(what, () => browser.evaluate<boolean>(`Boolean(${expression})`));
    },
  };
}

/** A browser with an empty profile takes long to start on a busy machine. */
const startMs = 60_000;

/** What a process says on its standard error, as the pattern's first group. */
async function saidBy(child: ChildProcess, pattern: RegExp): Promise<string> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const look = (): string | undefined => {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} has ended: ${said}`);
    return pattern.exec(said)?.[1];
  };
  return until(`${pattern} of ${child.spawnfile}`, look, startMs);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await closed;
  clearTimeout(timer);
}

function findProgram(...names: string[]): string | undefined {
  const dirs = (process.env.PATH ?? '').split(delimiter);
  return dirs.flatMap((dir) => names.map((name) => join(dir, name))).find(isExecutable);
}
