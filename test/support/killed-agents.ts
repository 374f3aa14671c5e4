import { setTimeout as sleep } from 'node:timers/promises';
import { type AgentProcess, startAgent, temporaryFolder } from './agent-process.ts';
import { until } from './deadline.ts';
import { createRandom } from './random.ts';
import { createResumingClient } from './resuming-client.ts';
import { createRotatingWriter } from './rotating-writer.ts';

export interface KillRun {
  written: readonly string[];
  /** What one client saw, through all agents. */
  seen: readonly string[];
  faults: readonly string[];
  /** What the writer did and what sse-tail said about it, with the number of lines before. */
  deeds: readonly string[];
  notices: readonly string[];
}

/** A writer writes and rotates its log without a break, while the agent that follows it is killed at random moments. */
export async function killAgents({ kills, seed }: { kills: number; seed: number }): Promise<KillRun> {
  using folder = temporaryFolder();
  const random = createRandom(seed);
  const path = folder.file('app.log');
  const writer = createRotatingWriter(path, createRandom(seed + 1));
  const client = createResumingClient();
  const start = (): AgentProcess => startAgent(folder.path, ['--name', 'soak', '-n', 'all', path]);
  let agent = start();
  let isWriting = true;
  const writing = write();

  async function write(): Promise<void> {
    const pace = createRandom(seed + 2);
    while (isWriting) {
      writer.step(client.lines.length);
      await sleep(pace() * 20);
    }
    writer.finish();
  }

  try {
    for (let kill = 1; kill <= kills; kill++) {
      // One in five is killed before anybody can have seen its page.
      if (random() < 0.2) {
        await sleep(random() * 400);
      } else {
        client.connect(await agent.url());
        await sleep(random() * 600);
      }
      await agent[Symbol.asyncDispose]();
      await sleep(random() * 200);
      agent = start();
    }
    isWriting = false;
    await writing;
    client.connect(await agent.url());
    await until('all lines', () => client.lines.length >= writer.written.length, 60_000).catch(() => {});
    const { lines: seen, faults, notices } = client;
    return { written: writer.written, deeds: writer.deeds, seen, faults, notices };
  } finally {
    isWriting = false;
    await writing;
    client.close();
    await agent[Symbol.asyncDispose]();
  }
}

/** Undefined when every line came once and in order, else where that first isn't so and what happened around it. */
export function firstDifference({ written, seen, faults, deeds, notices }: KillRun): string | undefined {
  if (faults.length > 0) return faults.slice(0, 5).join('; ');
  const at = written.findIndex((line, index) => seen[index] !== line);
  if (at === -1)
    return seen.length > written.length ? `${seen.length - written.length} more than were written` : undefined;
  const isNear = (entry: string) => Math.abs(Number.parseInt(entry, 10) - at) < 1500;
  return [
    `${short(seen.slice(at, at + 3))} instead of line ${at} of ${written.length}`,
    ...deeds.filter(isNear),
    ...notices.filter(isNear).map((entry) => `  said ${entry}`),
  ].join('\n');
}

function short(lines: readonly string[]): string {
  return JSON.stringify(lines.map((line) => line.slice(0, 20)));
}
