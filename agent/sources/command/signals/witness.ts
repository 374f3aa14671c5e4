import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { statOf } from './deliver.ts';
import { isForeground } from './foreground.ts';

/**
 * Tells a signal that was sent to this process alone from one that its whole process group got (a key at the terminal, a
 * supervisor): the command has got the second by itself, and to many programs two of them mean "at once". Node does not
 * say who sent a signal, so a shell in the same group that does nothing but wait is looked at: what it got, the group got.
 */
export interface Witness {
  /** Whether the group got a signal that this process got just now. */
  saw(signal: NodeJS.Signals): Promise<boolean>;
  close(): void;
}

/** A sender that goes from process to process is through with a group within this time. */
const graceMs = 20;

/** Ends with this process, whose end of its standard input is closed then. Its death is no news for a core file. */
const waitingShell = ['-c', 'ulimit -c 0; read -r _'];

export function createWitness(): Witness {
  let isClosed = false;
  let shell = start();
  let died: { signal: NodeJS.Signals; atMs: number } | undefined;

  function start(): ChildProcess {
    const child = spawn('/bin/sh', waitingShell, { stdio: ['pipe', 'ignore', 'ignore'], env: {} });
    child.stdin?.on('error', () => {});
    child.on('error', () => {});
    child.on('exit', (_, signal) => {
      if (signal !== null) died = { signal, atMs: performance.now() };
      if (!isClosed) shell = start();
    });
    child.unref();
    return child;
  }

  /** Its death may be known before the signal that it died of is. */
  function hasDiedOf(signal: NodeJS.Signals): boolean {
    const hasDied = died?.signal === signal && performance.now() - died.atMs < 10 * graceMs;
    if (hasDied) died = undefined;
    return hasDied;
  }

  return {
    async saw(signal) {
      const { pid } = shell;
      if (hasDiedOf(signal)) return true;
      // Nobody to look at: what is typed is all that can be guessed.
      if (pid === undefined) return (signal === 'SIGINT' || signal === 'SIGQUIT') && isForeground();
      await sleep(graceMs);
      if (hasGot(pid, signal)) return true;
      if (isOver(pid)) await sleep(graceMs);
      return hasDiedOf(signal);
    },
    close() {
      isClosed = true;
      shell.stdin?.end();
      // Stopped by Ctrl-Z it would not notice.
      shell.kill('SIGKILL');
    },
  };
}

/** On a busy machine it has got a signal long before it dies of it. */
function hasGot(pid: number, signal: NodeJS.Signals): boolean {
  const [state] = statOf(pid) ?? [];
  if (state === 'T') return signal === 'SIGTSTP';
  return state !== undefined && pendingSignals(pid).includes(constants.signals[signal]);
}

function isOver(pid: number): boolean {
  const [state = 'Z'] = statOf(pid) ?? [];
  return state === 'Z';
}

function pendingSignals(pid: number): number[] {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const masks = [...status.matchAll(/^(?:SigPnd|ShdPnd):\s*([0-9a-f]+)$/gm)].map(([, mask]) => BigInt(`0x${mask}`));
    const all = masks.reduce((sum, mask) => sum | mask, 0n);
    return Array.from({ length: 64 }, (_, at) => at + 1).filter((number) => (all >> BigInt(number - 1)) & 1n);
  } catch {
    return [];
  }
}
