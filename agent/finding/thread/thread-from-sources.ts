import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MessageChannel, Worker, type WorkerOptions } from 'node:worker_threads';

/** What the first thread has bundled: each module for itself would take most of a second of processor time again. */
let bundled: string | undefined;

/**
 * The search thread where the program runs from its sources (tests, development): a thread does not take over the
 * loader that this one was started with, and bundles its modules itself.
 */
export function threadFromSources(options: WorkerOptions): Worker {
  const { port1: here, port2: there } = new MessageChannel();
  here.once('message', (code: string) => {
    bundled = code;
  });
  here.unref();
  const workerData = { bundled, there };
  return new Worker(bootstrap(), { ...options, eval: true, workerData, transferList: [there] });
}

function bootstrap(): string {
  const bundler = pathToFileURL(createRequire(import.meta.url).resolve('rolldown')).href;
  const input = {
    input: fileURLToPath(new URL('./search-thread.ts', import.meta.url)),
    platform: 'node',
    transform: { define: { 'import.meta.url': JSON.stringify(import.meta.url) } },
    write: false,
    output: { format: 'cjs', codeSplitting: false },
  };
  return `
    const { bundled, there } = require('node:worker_threads').workerData;
    const run = (code) => new Function('require', 'exports', code)(require, {});
    if (bundled !== undefined) run(bundled);
    else import('${bundler}').then(({ build }) => build(${JSON.stringify(input)})).then(({ output: [{ code }] }) => {
      there.postMessage(code);
      run(code);
    });`;
}
