import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createAgent } from '../../agent/agent.ts';
import { takeSignals } from '../../agent/cli/signals.ts';
import { troubleFor } from '../../agent/cli/stream.ts';
import { temporaryFolder } from '../support/agent-process.ts';
import { until, within } from '../support/deadline.ts';
import { mountSmallDisk } from '../support/disk.ts';

const MiB = 1024 * 1024;

/** Says in the directory `$0` that it runs, and each time that it has survived a signal, until it is let go. */
const waiting = 'trap "echo got >>$0/said" HUP; echo >$0/said; until test -e $0/go; do sleep 0.02; done';

interface RunOptions {
  /** The command's. */
  dir: string;
  logs?: string;
  /** What a command does within this time after a signal, it does because of it. */
  withinMs?: number | undefined;
}

/** Runs a script as `sse-tail -- sh -c script` does: this process takes the signals. */
async function run(script: string, { dir, logs = join(dir, 'logs'), withinMs }: RunOptions) {
  const known = new Set(process.eventNames());
  const input = { kind: 'command' as const, argv: ['sh', '-c', script, dir] };
  const signals = takeSignals(input, withinMs);
  const agent = await createAgent({ dir: logs, serve: false, quiet: true, input });
  const started = agent.start();
  signals.passTo(agent, started);
  await started;
  const said = () =>
    existsSync(join(dir, 'said')) ? readFileSync(join(dir, 'said'), 'utf8').split('\n').length - 1 : 0;
  await until('the command', () => said() > 0);
  return {
    agent,
    signals,
    async hangUp() {
      const before = said();
      process.kill(process.pid, 'SIGHUP');
      await until('the command to get it', () => said() > before);
    },
    letGo: () => writeFileSync(join(dir, 'go'), ''),
    async [Symbol.asyncDispose]() {
      await agent.close();
      for (const name of process.eventNames()) if (!known.has(name)) process.removeAllListeners(name);
    },
  };
}

it.each([
  { what: 'ends by itself long after', script: `${waiting}; exit 3`, withinMs: 0, isEnding: false },
  { what: 'ends soon after: it has taken its time', script: `${waiting}; exit 3`, isEnding: true },
  { what: 'dies of it in the end', script: `${waiting}; trap - HUP; kill -HUP $$`, withinMs: 0, isEnding: true },
  { what: 'dies of another one long after', script: `${waiting}; kill -KILL $$`, withinMs: 0, isEnding: false },
])('a command that has survived a signal $what', async ({ script, withinMs, isEnding }) => {
  using folder = temporaryFolder();
  await using command = await run(script, { dir: folder.path, withinMs });
  const { agent, signals } = command;
  await command.hangUp();
  expect(signals.isEnding()).toBe(false);
  command.letGo();
  await within('the end', agent.ended);
  expect(signals.isEnding()).toBe(isEnding);
});

it('a full disk is waited for when a command has ended that survived signals, until the next one', async (context) => {
  using disk = mountSmallDisk(32 * MiB);
  if (disk === undefined) return context.skip('needs the right to mount');
  using folder = temporaryFolder();
  const filler = join(disk.path, 'filler');
  writeFileSync(filler, Buffer.alloc(31 * MiB));
  const script = `yes ${'x'.repeat(60)} & ${waiting}; kill $!; exit 3`;
  await using command = await run(script, { dir: folder.path, logs: join(disk.path, 'logs'), withinMs: 0 });
  const { agent, signals } = command;
  await until('trouble', () => agent.log.journal.trouble !== undefined);
  for (let times = 1; times <= 3; times++) await command.hangUp();
  command.letGo();
  await within('the end of the process', agent.exited);
  expect(signals.isEnding()).toBe(false);
  expect(await Promise.race([signals.stop, 'goes on'])).toBe('goes on');
  process.kill(process.pid, 'SIGTERM');
  expect(await within('the signal', signals.stop)).toBe('SIGTERM');
  expect(signals.isEnding()).toBe(true);
  await within('a journal that stays full', troubleFor(agent.log.journal, 50));
  rmSync(filler);
});
