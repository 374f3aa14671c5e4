import { expect, it } from 'vitest';
import { createCommandSource } from '../../agent/sources/command/command.ts';
import { within } from '../support/deadline.ts';
import { createRecordingSink } from '../support/recording-sink.ts';

it.each([false, true])(
  'a command that can not be run has ended for signals, though the journal takes nothing: tty %s',
  async (tty) => {
    const sink = createRecordingSink();
    const { release } = sink.block();
    const source = createCommandSource({ argv: ['no-such-program'], tty, quiet: true });
    const started = source.start(sink);
    started.catch(() => undefined);
    await sink.until(() => sink.notices.length > 0, 'why it was not run');
    expect(source.kill('SIGTERM')).toBe('ended');
    expect(await within('its end', source.exited)).toEqual({ code: 127, signal: null });
    release();
    await expect(started).rejects.toThrow('was not found');
    expect(sink.statuses).toMatchObject([{ state: 'exited', code: 127 }]);
  },
);
