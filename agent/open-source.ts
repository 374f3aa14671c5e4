import { open } from 'node:fs/promises';
import type { AgentOptions } from './agent-options.ts';
import type { WritableLog } from './journal/store.ts';
import { defaultStart } from './log-info.ts';
import type { CommandSource } from './sources/command/command.ts';
import { startFrom } from './sources/file/open/start-offset.ts';
import type { Source } from './sources/source.ts';
import { environmentAsGiven } from './system/inherited.ts';
import { createTee, noTee, type Tee } from './system/tee.ts';
import { defined } from './words/defined.ts';
import { causeOfWriting, SseTailError } from './words/errors.ts';

/** The source that the options ask for; it reads nothing yet. The code of the others is not loaded. */
export async function createSource(
  options: AgentOptions,
  { info, journal, beginnings }: WritableLog,
  save: Tee,
  onLoss: (to: string, error: unknown) => void,
): Promise<Source | CommandSource> {
  const { input, pollMs, quiet = false, color = true, report = () => {} } = options;
  switch (input.kind) {
    case 'files': {
      const { createFileSource } = await import('./sources/file/file.ts');
      // A continued log starts its files where its first run was told to.
      const { paths, recursive, start = info.start === undefined ? defaultStart : startFrom(info.start) } = input;
      const positions = new Map([...beginnings, ...journal.positions]);
      return createFileSource({
        paths,
        start,
        positions,
        report,
        ...defined({ recursive, pollMs, exclude: options.dir }),
      });
    }
    case 'command': {
      const { createCommandSource } = await import('./sources/command/command.ts');
      const { argv, shell = false, tty = false, size, inherited } = input;
      const env = environmentForCommands();
      return createCommandSource({
        argv,
        shell,
        tty,
        env,
        ...defined({ inherited, size }),
        quiet,
        color,
        save,
        onLoss,
        onSilence: () => report(silenceHint),
        onLeftOpen: () => report(leftOpenHint),
      });
    }
    case 'stdin': {
      const { createStdinSource } = await import('./sources/stdin.ts');
      return createStdinSource({ ...defined({ input: input.input }), quiet, save, onLoss, onUnreadable: report });
    }
  }
}

const silenceHint =
  'The command has printed nothing for a while. If it buffers its output because stdout is a pipe, try --tty.';

const leftOpenHint =
  'The command has ended, but a process that it started keeps its output open. That is not read any longer, and the process may die when it prints more. To keep it running, redirect its output.';

/** The token of the page, and that in the address of the store, are none of the command's business. */
function environmentForCommands(): NodeJS.ProcessEnv {
  const { SSE_TAIL_TOKEN: _token, SSE_TAIL_STORE: _store, ...env } = environmentAsGiven(process.env);
  return env;
}

/** Opened before anything runs: a command whose output can't be saved as asked is not started. */
export async function openSave(
  { save }: AgentOptions,
  openings: (() => Promise<unknown>)[],
  lost: (to: string, error: unknown) => void,
): Promise<Tee> {
  if (save === undefined) return noTee;
  const file = await open(save, 'w').catch((error) => {
    const message = `--save expects a writable file, but "${save}" can't be written: ${causeOfWriting(error)}.`;
    throw new SseTailError('usage', message, {}, error);
  });
  openings.push(() => file.close());
  return createTee(file.fd, (error) => lost(save, error));
}
