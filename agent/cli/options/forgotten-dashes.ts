import { existsSync } from 'node:fs';
import { isProgram } from '../../sources/command/launch/program.ts';
import { mistakes } from '../sentences.ts';
import { isNear } from './spelling.ts';
import { subcommands } from './subcommands.ts';

/**
 * `sse-tail npm run build` would wait for ever for files called npm, run and build. Nobody means that where none of
 * them is there, none looks like a path, and the first one is a program or nearly a subcommand.
 *
 * @throws SseTailError kind `usage` with what was probably meant
 */
export function refuseForgottenDashes(paths: readonly string[], path: string | undefined): void {
  const [first = ''] = paths;
  if (paths.some((operand) => looksLikePath(operand) || existsSync(operand))) return;
  if (first === 'help') throw mistakes.forgottenDashes(first, 'sse-tail --help');
  if (isProgram(first, path)) throw mistakes.forgottenDashes(first, `sse-tail -- ${paths.join(' ')}`);
  const near = Object.keys(subcommands).find((name) => isNear(name, first, 1));
  if (near !== undefined) throw mistakes.forgottenDashes(first, `sse-tail ${[near, ...paths.slice(1)].join(' ')}`);
}

/** A directory, an extension, a pattern. */
function looksLikePath(operand: string): boolean {
  return operand === '' || /[/.*?[{~\\]/.test(operand);
}
