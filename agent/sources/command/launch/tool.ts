import { execa, type Options } from 'execa';
import { begun } from './begun.ts';

/**
 * Runs a program of the system to its end, as execa does. Without `reject` one that can't be started has failed as
 * well.
 *
 * Not with execa's `cleanup`: it listens to signals meanwhile, and Node gives each that nobody listens to any more its
 * default action. From then on SIGXFSZ, which Node had ignored, would end this process at a limit on the size of files.
 */
export async function runTool(
  program: string,
  args: readonly string[],
  options: Pick<Options, 'stdin' | 'reject'> = {},
): Promise<{ stdout: string; failed: boolean }> {
  try {
    const { child } = await begun(() => execa(program, args, { ...options, cleanup: false }));
    return await child;
  } catch (error) {
    if (options.reject !== false) throw error;
    return { stdout: '', failed: true };
  }
}
