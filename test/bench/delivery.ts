import { setTimeout as sleep } from 'node:timers/promises';
import { nowUs } from './lines.ts';
import { type ClientReport, type ClientTask, startClient } from './load/client.ts';
import { cpuSeconds, memoryMB, resetPeak } from './processes.ts';
import type { Server } from './programs/program.ts';

export interface Delivery {
  server: Server;
  task: Omit<ClientTask, 'target'>;
  /** Brings the lines about. The clock starts here. */
  begin: () => Promise<void> | void;
  /** Lines that don't come by then are lost. */
  deadlineMs?: number;
}

export interface Delivered {
  report: ClientReport;
  seconds: number;
  cpuSeconds: number;
  /** Of the server's processes: before the lines, after them, and at most. */
  memoryMB: { before: number; after: number; peak: number };
}

/** Start-up work of the programs (compiling, setting up watches) is over after this long. */
export const settlingMs = 400;

/** Clients that are connected before the lines come. */
export async function deliver({ server, task, begin, deadlineMs = 120_000 }: Delivery): Promise<Delivered> {
  const client = startClient({ target: server.target, ...task });
  try {
    await client.ready();
    await sleep(settlingMs);
    resetPeak(server.pid);
    const before = memoryMB(server.pid).now;
    const cpuBefore = cpuSeconds(server.pid);
    const startedUs = nowUs();
    await begin();
    const report = await client.done(deadlineMs);
    const used = cpuSeconds(server.pid) - cpuBefore;
    const memory = memoryMB(server.pid);
    return {
      report,
      seconds: (report.doneUs - startedUs) / 1e6,
      cpuSeconds: used,
      memoryMB: { before, after: memory.now, peak: memory.peak },
    };
  } finally {
    await client.close();
  }
}
