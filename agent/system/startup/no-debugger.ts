import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/*
 * Imported for its effect, and first: SIGUSR1, by which people tell a program to open its logs anew, opens Node's
 * debugger on 127.0.0.1:9229 to every user of this machine until somebody listens to the signal. Whoever is to get it
 * listens as well.
 */

process.on('SIGUSR1', () => {});

/**
 * Closes a debugger that the signal has opened before the first line of this program ran; one that was asked for stays.
 */
export async function closeDebugger(): Promise<void> {
  const isAskedFor = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].some((option) =>
    option.includes('--inspect'),
  );
  if (isAskedFor || !process.features.inspector) return;
  if (mayListen()) await closeForGood();
  // Node may not have come to open it yet.
  setTimeout(() => void closeForGood(), settledMs).unref();
}

/** Each signal that came before may open it once more, after it was closed as well (seen with Node 24). */
async function closeForGood(): Promise<void> {
  // Needs no file: there may be no descriptor left.
  const { close, url } = process.getBuiltinModule('node:inspector');
  for (let times = 0; url() !== undefined && times < mostSignals; times++) {
    close();
    await sleep(reopeningMs);
  }
}

const settledMs = 500;
const reopeningMs = 20;
const mostSignals = 100;

/** To ask the debugger itself is to load it, which takes 5 ms of a start. */
function mayListen(): boolean {
  try {
    return readdirSync('/proc/self/fd').some((fd) => Number(fd) > 2 && isSocket(fd));
  } catch {
    // No such file system.
    return true;
  }
}

function isSocket(fd: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
  } catch {
    // The one by which they were listed.
    return false;
  }
}
