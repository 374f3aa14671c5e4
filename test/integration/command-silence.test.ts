import { describe, expect, it } from 'vitest';
import { createCommandSource } from '../../agent/sources/command/command.ts';
import type { Sink } from '../../agent/sources/source.ts';
import { until, within } from '../support/deadline.ts';

/** Runs a script as a command, and counts how often it was found silent. */
async function run(script: string, { tty = false, silenceMs }: { tty?: boolean; silenceMs: number }) {
  const found = { silences: 0 };
  const source = createCommandSource({
    argv: ['sh', '-c', script],
    tty,
    quiet: true,
    silenceMs,
    onSilence: () => found.silences++,
  });
  await source.start(nowhere);
  return { source, found };
}

const nowhere: Sink = {
  channel: () => ({ write: () => undefined, end: () => undefined, discard() {}, awaitsRest: false, close() {} }),
  notice: () => undefined,
  status() {},
  flush: () => Promise.resolve(),
};

describe('a command that prints nothing for long', () => {
  it('is found once', async () => {
    const { source, found } = await run('sleep 60', { silenceMs: 10 });
    await until('the silence', () => found.silences > 0);
    await source.stop();
    expect(found.silences).toBe(1);
  });

  it('is none that has printed anything, has ended or has a terminal', async () => {
    // Nothing must happen for twice the time after which it would: the commands' `sleep` is that time.
    const silenceMs = 1500;
    const runs = await Promise.all([
      run('printf x; sleep 3', { silenceMs }),
      run('true', { silenceMs }),
      run('sleep 3', { silenceMs, tty: true }),
    ]);
    await within('their ends', Promise.all(runs.map(({ source }) => source.ended)), 20_000);
    expect(runs.map(({ found }) => found.silences)).toEqual([0, 0, 0]);
  });
});
