import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { statOf } from './deliver.ts';
import { isForeground } from './foreground.ts';
import { createSignalReports } from './signal-reports.ts';

/**
 * Tells a signal that was sent to this process alone from one that its whole process group got (a key at the terminal,
 * a supervisor): the command has got the second by itself, and to many programs two of them mean "at once". Node does
 * not say who sent a signal, so a shell in the same group is asked that does nothing but wait: what it got, the group
 * got.
 */
export interface Witness {
  /** Whether the group got a signal that this process got just now. */
  saw(signal: NodeJS.Signals): Promise<boolean>;
  close(): void;
}

/** A sender that goes from process to process is through with a group within this time. */
const graceMs = 20;

/** How often a shell that has a signal, but no processor yet, is waited for. */
const busyRounds = 50;

/**
 * Says the number of each signal that it gets, by number, as shells know different names. `read` fails after a signal
 * and at the end, which comes with the end of this process: the flag tells them apart.
 */
function scriptFor(signals: readonly NodeJS.Signals[]): string {
  const numbers = signals.map((signal) => constants.signals[signal]);
  const traps = numbers.map((number) => `trap 'echo ${number}; got=1' ${number}`);
  return `${traps.join('\n')}\nwhile :; do got=; read -r _ || [ "$got" ] || exit 0; done`;
}

export function createWitness(signals: readonly NodeJS.Signals[]): Witness {
  const reports = createSignalReports();
  let isClosed = false;
  let shell = start();

  function start() {
    const started = spawn('/bin/sh', ['-c', scriptFor(signals)], { stdio: ['pipe', 'pipe', 'ignore'], env: {} });
    started.on('error', () => {});
    // Where no descriptors are left it has no streams.
    if (started.pid === undefined) return started;
    started.stdin.on('error', () => {});
    started.stdout.setEncoding('latin1').on('data', (text: string) => {
      for (const [number] of text.matchAll(/\d+/g)) reports.reported(Number(number));
    });
    // A signal that comes before the shell has set its traps ends it, and is as much a sign.
    started.on('exit', (_code, signal) => {
      if (signal === null || isClosed) return;
      reports.reported(constants.signals[signal]);
      shell = start();
    });
    for (const handle of [started, started.stdin as Socket, started.stdout as Socket]) handle.unref();
    return started;
  }

  return {
    async saw(signal) {
      const { pid } = shell;
      // Nobody to look at: what is typed is all that can be guessed.
      if (pid === undefined) return (signal === 'SIGINT' || signal === 'SIGQUIT') && isForeground();
      const report = reports.expect(constants.signals[signal]);
      try {
        for (let round = 0; round < busyRounds && !report.isThere; round++) {
          await sleep(graceMs);
          if (!report.isThere && isStopped(pid)) return signal === 'SIGTSTP';
          if (!isBusy(pid)) break;
        }
        // What it has said may not be read yet: timers come before input.
        await turn();
        return report.isThere;
      } finally {
        report.close();
      }
    },
    close() {
      isClosed = true;
      // Stopped by Ctrl-Z it would not notice the end.
      shell.kill('SIGKILL');
    },
  };
}

/**
 * On a busy machine the shell has got a signal long before it says so (D: its code is being read), or its end is known
 * (Z).
 */
function isBusy(pid: number): boolean {
  const [state] = statOf(pid) ?? [];
  return state === 'R' || state === 'D' || state === 'Z' || hasPendingSignals(pid);
}

function isStopped(pid: number): boolean {
  const [state] = statOf(pid) ?? [];
  return state === 'T';
}

function hasPendingSignals(pid: number): boolean {
  try {
    return /^(?:SigPnd|ShdPnd):\s*0*[1-9a-f]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
