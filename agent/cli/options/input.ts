import { mistakes } from '../sentences.ts';

/** What to stream. */
export type Input =
  | { kind: 'files'; paths: string[] }
  | { kind: 'command'; argv: string[]; shell: boolean }
  | { kind: 'stdin' };

/** The words after `--`. */
export interface CommandWords {
  words: string[];
  shell: boolean;
}

/** Everything after `--` is the command, word for word. `-c --` joins its words for the shell. */
export function splitAtCommand(args: string[]): { own: string[]; command?: CommandWords } {
  const at = args.indexOf('--');
  if (at < 0) return { own: args };
  const own = args.slice(0, at);
  const last = own.at(-1);
  const shell = last === '-c' || last === '--shell';
  return { own: shell ? own.slice(0, -1) : own, command: { words: args.slice(at + 1), shell } };
}

/** @throws SseTailError kind `usage` where it is none or more than one of files, command and standard input */
export function inputOf(
  operands: string[],
  command: CommandWords | undefined,
  shellText: string | undefined,
  stdinIsTerminal: boolean,
): Input {
  if (command !== undefined || shellText !== undefined) {
    if (operands.length > 0) throw mistakes.filesAndCommand(operands);
    return commandOf(command, shellText);
  }
  if (operands.length === 0) {
    if (stdinIsTerminal) throw mistakes.noInput();
    return { kind: 'stdin' };
  }
  if (operands.includes('')) throw mistakes.emptyName();
  if (!operands.includes('-')) return { kind: 'files', paths: operands };
  if (operands.length > 1) throw mistakes.filesAndStdin();
  return { kind: 'stdin' };
}

function commandOf(command: CommandWords | undefined, shellText: string | undefined): Input {
  if (command === undefined) return { kind: 'command', argv: [shellText as string], shell: true };
  if (shellText !== undefined) throw mistakes.twoCommands();
  if (command.words.length === 0) throw mistakes.noCommand();
  return { kind: 'command', argv: command.words, shell: command.shell };
}
