import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { bundled } from './bundled.ts';
import { within } from './deadline.ts';

export type TypescriptProcess = ChildProcessByStdio<Writable, Readable, null>;

/**
 * A child process that runs a TypeScript file of `test/support/`; its stderr goes to the tests' own.
 * @param limits what a shell sets before it starts (`ulimit -f 64`)
 */
export async function spawnTypescript(
  file: string,
  args: readonly (string | number)[],
  limits = '',
): Promise<TypescriptProcess> {
  const argv = [await bundled(new URL(file, import.meta.url)), ...args.map(String)];
  const script = `${limits === '' ? '' : `${limits}; `}exec "$0" "$@"`;
  return spawn('/bin/sh', ['-c', script, process.execPath, ...argv], { stdio: ['pipe', 'pipe', 'inherit'] });
}

/** Everything a process prints from now on; `text` grows. */
export function outputOf(child: TypescriptProcess): { text: string } {
  const output = { text: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output.text += chunk;
  });
  return output;
}

export function exited(child: TypescriptProcess): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('close', () => resolve());
  });
  return within('the end of the child process', closed);
}

/** Of the complete `seen <id>` lines that a journal writer printed, the last one's id. */
export function lastSeen(output: string): number {
  const complete = output.slice(0, output.lastIndexOf('\n') + 1);
  return Number(complete.match(/seen (\d+)\n$/)?.[1] ?? 0);
}
