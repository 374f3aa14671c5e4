import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumArgs, findChromium } from './chromium.ts';
import { until } from './deadline.ts';
import { openTextSocket, type TextSocket } from './web-socket.ts';

/** A Chromium with a real window, on a screen that nobody sees: there a tab behind another one is hidden. */
export interface WindowedChromium extends AsyncDisposable {
  /** Opens a tab, in front of the others. */
  open(url: string): Promise<WindowTab>;
  /** What all of its processes have in memory, in MB. */
  memoryMB(): number;
}

export interface WindowTab {
  toFront(): Promise<void>;
  /** The value of an expression, which may be a promise. */
  value<Value>(expression: string): Promise<Value>;
  /** What its scripts hold once garbage is collected, in MB. */
  heapMB(): Promise<number>;
}

/** Needs Xvfb. Automation that every page takes for being in front (playwright's) is of no use here. */
export async function startWindowedChromium(): Promise<WindowedChromium> {
  const folder = mkdtempSync(join(tmpdir(), 'sse-tail-window-'));
  const screen = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const display = String((await once(screen.stdout, 'data'))[0]).trim();
  const args = chromiumArgs.filter((arg) => arg !== '--headless');
  const browser = spawn(
    findChromium('whole') as string,
    [...args, '--remote-debugging-port=0', `--user-data-dir=${folder}`, 'about:blank'],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, DISPLAY: `:${display}` }, detached: true },
  );
  let told = '';
  browser.stderr.on('data', (chunk) => {
    told += chunk;
  });
  const listening = /DevTools listening on ws:\/\/(\S+?)\//;
  await until('the address for tools', () => listening.test(told), 30_000);
  const tools = `http://${listening.exec(told)?.[1]}/json`;
  const sockets: TextSocket[] = [];

  return {
    async open(url) {
      const { id, webSocketDebuggerUrl } = (await (
        await fetch(`${tools}/new?${encodeURIComponent(url)}`, { method: 'PUT' })
      ).json()) as { id: string; webSocketDebuggerUrl: string };
      const { socket, call } = await protocolOf(webSocketDebuggerUrl);
      sockets.push(socket);
      return {
        toFront: async () => void (await fetch(`${tools}/activate/${id}`)),
        async value<Value>(expression: string) {
          const { result, exceptionDetails } = await call('Runtime.evaluate', {
            expression,
            awaitPromise: true,
            returnByValue: true,
          });
          if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
          return (result as { value: Value }).value;
        },
        async heapMB() {
          await call('HeapProfiler.collectGarbage');
          return Number((await call('Runtime.getHeapUsage')).usedSize) / 1e6;
        },
      };
    },
    memoryMB: () => memoryOfGroup(browser.pid as number),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.close();
      await ended(browser, () => process.kill(-(browser.pid as number), 'SIGKILL'));
      await ended(screen, () => screen.kill());
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function ended(child: ChildProcess, end: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  end();
  await exited;
}

interface Protocol {
  socket: TextSocket;
  call(method: string, params?: object): Promise<Record<string, unknown>>;
}

async function protocolOf(url: string): Promise<Protocol> {
  const waiting = new Map<number, (answer: Record<string, unknown>) => void>();
  const socket = await openTextSocket(url, (text) => {
    const { id, result = {} } = JSON.parse(text) as { id?: number; result?: Record<string, unknown> };
    if (id !== undefined) waiting.get(id)?.(result);
  });
  let last = 0;
  return {
    socket,
    call: (method, params = {}) =>
      new Promise((resolve) => {
        last++;
        waiting.set(last, resolve);
        socket.send(JSON.stringify({ id: last, method, params }));
      }),
  };
}

/** Proportional, so that what they share counts once (proc_pid_smaps_rollup(5)). */
function memoryOfGroup(leader: number): number {
  let kilobytes = 0;
  const queue = [leader];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    try {
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
      for (const child of readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' '))
        if (child !== '') queue.push(Number(child));
    } catch {
      // It has ended.
    }
  }
  return kilobytes / 1024;
}
