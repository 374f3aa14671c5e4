import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { CommandOutput } from '../../agent/sources/command/launch/running-command.ts';
import { createOutputPipes, type OutputPipe } from '../../agent/sources/command/pipes/output-pipe.ts';
import { startOnPipes } from '../../agent/sources/command/pipes/piped-command.ts';
import { until, within } from '../support/deadline.ts';
import { amountOf } from '../support/sweep.ts';
import { toldPid } from '../support/told-pid.ts';

const nothing = { ignoredSignals: new Set<NodeJS.Signals>(), openFiles: undefined, descriptors: [] };

async function run(script: string) {
  const command = await startOnPipes({
    argv: ['sh', '-c', script],
    shell: false,
    inherited: nothing,
    cwd: process.cwd(),
    env: process.env,
  });
  const [stdout, stderr] = command.outputs as [CommandOutput, CommandOutput];
  return { ...command, stdout, stderr };
}

async function textOf(output: CommandOutput, afterChunk?: () => Promise<void>): Promise<string> {
  let text = '';
  await output.read((chunk) => {
    text += chunk.toString('latin1');
    return afterChunk?.();
  });
  return text;
}

describe('a cut', () => {
  it('loses nothing that was printed before, however slowly it is read', async () => {
    const { exit, stdout } = await run('seq 12000; exit 3');
    // The reader is at its first chunk when the command has ended and no more is waited for.
    const text = await textOf(stdout, async () => {
      await exit;
      stdout.cut();
    });
    expect(text).toBe(`${Array.from({ length: 12_000 }, (_, i) => i + 1).join('\n')}\n`);
  });

  it('ends the output that another process keeps open, and that can be seen', async () => {
    const { exit, stdout, stderr } = await run('sleep 60 2>&- & echo $!');
    const [out, err] = [textOf(stdout), textOf(stderr)];
    await exit;
    stdout.cut();
    process.kill(toldPid(await within('the end of stdout', out)), 'SIGKILL');
    await within('the end of stderr', err);
    expect([stdout.isComplete, stderr.isComplete]).toEqual([false, true]);
  });

  it('ends the output of a process that never stops printing', async () => {
    const { exit, stdout } = await run('echo $$; exec 3>&1; (exec yes >&3) & exit 0');
    const text = textOf(stdout, async () => {
      await exit;
      stdout.cut();
    });
    expect((await within('the end of stdout', text)).length).toBeGreaterThan(2);
  });
});

describe('an output', () => {
  it('is read no more when what comes of it can not be taken', async () => {
    const { exit, stdout } = await run('exec yes');
    const reading = stdout.read(() => Promise.reject(new Error('the journal is closed')));
    await expect(within('the end of stdout', reading)).rejects.toThrow('the journal is closed');
    expect(await within('the command', exit)).toEqual({ code: null, signal: 'SIGPIPE' });
  });

  it('holds what is printed before it is read', async () => {
    const { exit, stdout } = await run('seq 3');
    await exit;
    for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(await textOf(stdout)).toBe('1\n2\n3\n');
  });

  it('that fills its pipe all the time is passed on as it is, whether its pieces are taken at once or not', async () => {
    const bytes = 20 * 1024 * 1024;
    const { stdout } = await run(`yes 'a line of twenty-four b' | head -c ${bytes}`);
    let read = 0;
    let chunks = 0;
    let isWhole = true;
    await stdout.read((chunk) => {
      const expected = Buffer.alloc(chunk.length + 24, 'a line of twenty-four b\n');
      isWhole &&= chunk.equals(expected.subarray(read % 24, (read % 24) + chunk.length));
      read += chunk.length;
      return ++chunks % 3 === 0 ? new Promise((resolve) => setTimeout(resolve, 1)) : undefined;
    });
    expect([isWhole, read]).toEqual([true, bytes]);
  });

  it('waits while a chunk is dealt with, and leaves its bytes alone', async () => {
    const { stdout } = await run('for i in 1 2 3; do printf %70000d $i; done');
    let text = '';
    let isTaking = false;
    await stdout.read(async (chunk) => {
      expect(isTaking).toBe(false);
      isTaking = true;
      const before = chunk.toString('latin1');
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      expect(chunk.toString('latin1')).toBe(before);
      text += before;
      isTaking = false;
    });
    expect(text).toBe([1, 2, 3].map((i) => String(i).padStart(70_000)).join(''));
  });
});

describe('two pipes', () => {
  it.each([
    ['at once', () => undefined],
    ['later', () => new Promise((resolve) => setImmediate(resolve))],
  ])('that were filled one after the other are read so, whether it is taken at once or not: %s', async (_, taken) => {
    const { pipes } = (await createOutputPipes(2)) ?? {};
    const [first, second] = pipes as [OutputPipe, OutputPipe];
    const came: string[] = [];
    const reading = [first, second].map(({ reader }) => {
      return reader.read((chunk) => {
        came.push(...new Set(chunk.toString('latin1')));
        return taken();
      });
    });
    // All that a pipe holds, so that its reader waits for more.
    writeSync(first.writeFd, 'a'.repeat(64 * 1024));
    writeSync(second.writeFd, 'b');
    await until('the other one', () => came.length >= 2);
    // The kernel gives what is ready in the order in which it became so, once it has seen that nothing was in between.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    writeSync(second.writeFd, 'c'.repeat(64 * 1024));
    writeSync(first.writeFd, 'd'.repeat(64 * 1024));
    await Promise.all([first, second].map((pipe) => pipe.closeWriteEnd()));
    await within('the end of both', Promise.all(reading));
    expect(came).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('stdout and stderr', () => {
  /** Both as they come, one after the other. */
  async function inOrder(script: string, isReadAfterwards = false): Promise<string> {
    const { stdout, stderr, exit } = await run(script);
    if (isReadAfterwards) await exit;
    let text = '';
    const take = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      return undefined;
    };
    await within('the end of both', Promise.all([stdout.read(take), stderr.read(take)]));
    return text;
  }

  it.each([
    ['stderr', 'echo 1 >&2; echo 2'],
    ['stdout', 'echo 1; echo 2 >&2'],
  ])('come in their order where the command has written to both before they are read: %s first', async (_, script) => {
    expect(await inOrder(script, true)).toBe('1\n2\n');
  });

  // Which of two pipes was written to first the kernel says only by the way: see docs/decisions/0013.
  it.each([
    ['at once', 'i=0; while [ $i -lt 60 ]; do echo $((i+=1)); echo $((i+=1)) >&2; done'],
    [
      'a few at a time',
      'i=0; while [ $i -lt 60 ]; do echo $((i+=1)); echo $((i+=1)) >&2; [ $((i%6)) = 0 ] && sleep 0.001; done',
    ],
  ])('lines in turn, %s: most runs come in the order of the writes, on a busy machine, too', async (_, script) => {
    const expected = Array.from({ length: 60 }, (__, at) => `${at + 1}\n`);
    const busy = Array.from({ length: availableParallelism() + 1 }, () => spawn('sh', ['-c', 'while :; do :; done']));
    try {
      let right = 0;
      const runs = amountOf(16, 40);
      for (let made = 0; made < runs; made++) {
        const text = await inOrder(script);
        expect(text.trim().split('\n').sort()).toEqual(expected.map((line) => line.trim()).sort());
        if (text === expected.join('')) right++;
      }
      expect(right).toBeGreaterThanOrEqual(runs / 2);
    } finally {
      for (const process of busy) process.kill('SIGKILL');
    }
  });
});
