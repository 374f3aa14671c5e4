import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCommandSource } from '../../agent/sources/command/command.ts';
import type { Sink } from '../../agent/sources/source.ts';
import { createDeferred } from '../../agent/system/deferred.ts';

const silenceMs = 30_000;

// How long a command takes to print is a matter of the machine; when the time is over is said here.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Runs a script as a command, and counts how often it was found silent. */
async function run(script: string, tty = false) {
  const found = { silences: 0 };
  const printed = createDeferred<void>();
  const write = () => void printed.resolve();
  const end = () => undefined;
  const sink: Sink = {
    channel: () => ({ write, end, discard() {}, awaitsRest: false, cutOff: '', writeLate: write, close() {} }),
    notice: () => undefined,
    status() {},
    flush: () => Promise.resolve(),
  };
  const source = createCommandSource({
    argv: ['sh', '-c', script],
    tty,
    quiet: true,
    silenceMs,
    onSilence: () => found.silences++,
  });
  await source.start(sink);
  return { source, found, printed: printed.promise };
}

describe('a command that prints nothing for long', () => {
  it('is found once', async () => {
    const { source, found } = await run('exec sleep 60');
    vi.advanceTimersByTime(silenceMs - 1);
    expect(found.silences).toBe(0);
    vi.advanceTimersByTime(1);
    expect(found.silences).toBe(1);
    vi.advanceTimersByTime(10 * silenceMs);
    expect(found.silences).toBe(1);
    vi.useRealTimers();
    await source.stop();
  });

  it('is none that has printed anything, has ended or has a terminal', async () => {
    const printing = await run('printf x; exec sleep 60');
    const ended = await run('true');
    const onTerminal = await run('exec sleep 60', true);
    await printing.printed;
    await ended.source.ended;
    vi.advanceTimersByTime(10 * silenceMs);
    const runs = [printing, ended, onTerminal];
    expect(runs.map(({ found }) => found.silences)).toEqual([0, 0, 0]);
    vi.useRealTimers();
    await Promise.all(runs.map(({ source }) => source.stop()));
  });
});
