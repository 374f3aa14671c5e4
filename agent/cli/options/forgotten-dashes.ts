import { existsSync } from 'node:fs';
import { isProgram } from '../../sources/command/launch/program.ts';
import { shellWord } from '../../words/raw-text.ts';
import { mistakes } from '../sentences.ts';
import { isNear } from './spelling.ts';
import { subcommands } from './subcommands.ts';

/**
 * `sse-tail npm run build` would wait for ever for files called npm, run and build. Nobody means that where none of
 * them is there, none looks like a path, and the first one is a program or nearly a subcommand.
 *
 * @param args the command line, whose first operand is at `firstAt`
 * @throws SseTailError kind `usage` with what was probably meant
 */
export function refuseForgottenDashes(
  paths: readonly string[],
  args: readonly string[],
  firstAt: number,
  path: string | undefined,
): void {
  const [first = ''] = paths;
  const meant = (...words: string[]) =>
    ['sse-tail', ...args.slice(0, firstAt), ...words, ...args.slice(firstAt + 1)].map(shellWord).join(' ');
  if (paths.some((operand) => looksLikePath(operand) || existsSync(operand))) return;
  if (first === 'help') throw mistakes.forgottenDashes(first, 'sse-tail --help');
  if (isProgram(first, path)) throw mistakes.forgottenDashes(first, meant('--', first));
  const near = Object.keys(subcommands).find((name) => isNear(name, first, 1));
  if (near !== undefined) throw mistakes.forgottenDashes(first, meant(near));
}

/** A directory, an extension, a pattern. */
function looksLikePath(operand: string): boolean {
  return operand === '' || /[/.*?[{~\\]/.test(operand);
}
