import { parseArgs } from 'node:util';
import { mistakes } from '../sentences.ts';
import { refuseForeign, settle } from './conflicts.ts';
import { valuesFromEnvironment } from './environment.ts';
import { foreignOptionAdvice } from './foreign-options.ts';
import { refuseForgottenDashes } from './forgotten-dashes.ts';
import { type Input, inputOf, splitAtCommand } from './input.ts';
import type { Option } from './option.ts';
import { type OptionName, type OptionValues, optionNames, options, optionsFor } from './options.ts';
import { longName, nearestOption } from './spelling.ts';
import { isSubcommand, type Shell, type SubcommandName, shells, type Task } from './subcommands.ts';
import { type GivenOption, valuesOf } from './values.ts';

/** What the command line asks for. */
export type Invocation =
  | { action: 'help'; task: Task }
  | { action: 'version' }
  | { action: 'stream'; input: Input; values: OptionValues }
  | { action: 'logs' | 'serve' | 'healthcheck'; values: OptionValues }
  /** `log` and `logs`: ids, beginnings of ids, or names. */
  | { action: 'cat' | 'export'; log: string; values: OptionValues }
  | { action: 'completions'; shell: Shell }
  | { action: 'grep'; pattern: string; logs: string[]; values: OptionValues }
  | { action: 'rm'; logs: string[] | 'all'; values: OptionValues };

/**
 * @param args what follows the program's name
 * @param env variables `SSE_TAIL_*` stand in for options that are not given
 * @param stdinIsTerminal whether there is nothing to read on standard input
 * @throws SseTailError kind `usage`: what was expected and what was given, in one sentence
 */
export function parseCommandLine(args: string[], env: NodeJS.ProcessEnv, stdinIsTerminal: boolean): Invocation {
  const { own, command } = splitAtCommand(args);
  const isLetter = command?.shell === true && readTask(own).task !== 'stream';
  // To a subcommand the `-c` of `-c --` is a letter like any other: grep counts.
  const { task, words, operands, firstAt } = readTask(isLetter ? args.slice(0, args.indexOf('--')) : own);
  const isBare = task === 'stream' && command === undefined && firstAt !== undefined;
  const values = valuesIn(words, task, () => {
    // `ls -l`: an option that is not known here is that program's.
    if (isBare) refuseForgottenDashes(operands.slice(0, 1), args, firstAt, env.PATH);
  });
  if (values.help) return { action: 'help', task };
  if (values.version) return { action: 'version' };
  const all = () => settle(values, valuesFromEnvironment(env, task));
  if (task !== 'stream') return invocationOf(task, [...operands.slice(1), ...(command?.words ?? [])], all());
  const input = inputOf(operands, command, values.shell, stdinIsTerminal);
  refuseForeign(values, input.kind);
  if (isBare) refuseForgottenDashes(operands, args, firstAt, env.PATH);
  return { action: 'stream', input, values: all() };
}

/** @throws SseTailError kind `usage`; `beforeMistake` may know better what is wrong, and throw that */
function valuesIn(words: readonly OptionWord[], task: Task, beforeMistake: () => void): OptionValues {
  try {
    return valuesOf(
      words.map((word) => givenOption(word, task)),
      task,
    );
  } catch (error) {
    beforeMistake();
    throw error;
  }
}

function invocationOf(task: SubcommandName, operands: string[], values: OptionValues): Invocation {
  const [first, second] = operands;
  switch (task) {
    case 'logs':
    case 'serve':
    case 'healthcheck':
      if (first !== undefined) throw mistakes.noOperands(task, first);
      return { action: task, values };
    case 'completions': {
      const shell = shells.find((name) => name === first);
      if (shell === undefined || second !== undefined) throw mistakes.noShell(operands);
      return { action: task, shell };
    }
    case 'cat':
    case 'export':
      if (first === undefined || second !== undefined) throw mistakes.oneLog(task, operands.length);
      return { action: task, log: first, values };
    case 'grep':
      if (first === undefined) throw mistakes.noPattern();
      return { action: 'grep', pattern: first, logs: operands.slice(1), values };
    case 'rm':
      if (values.all && first !== undefined) throw mistakes.logsAndAll(first);
      if (values.all) return { action: 'rm', logs: 'all', values };
      if (first === undefined) throw mistakes.noLogs();
      return { action: 'rm', logs: operands, values };
  }
}

/** A word of the command line that is an option, whatever it means. */
interface OptionWord {
  /** `p`, `port` */
  name: string;
  rawName: string;
  value?: string | undefined;
  /** Of the argument that it is in: letters may share one. */
  index: number;
}

interface Words {
  task: Task;
  words: OptionWord[];
  operands: string[];
  /** Where the first operand stands. */
  firstAt: number | undefined;
}

/**
 * The first operand names the task, but which word that is depends on the task where letters stand before it:
 * `-n 5 cat`, `-n grep`. So the words are read for a task, and it is the one where it is then the first operand.
 */
function readTask(args: string[]): Words {
  const streamed = readWords(args, 'stream');
  const [first] = streamed.operands;
  const isStreamed = !isSubcommand(first) && streamed.words.every(({ name }) => isTaken(name, 'stream'));
  const candidates = isStreamed ? [] : [first, ...args].filter(isSubcommand);
  const read = candidates.map((task) => readWords(args, task));
  return read.find(({ task, operands }) => operands[0] === task) ?? streamed;
}

function readWords(args: string[], task: Task): Words {
  const { tokens } = parseArgs({
    args,
    options: parseArgsConfig(task),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const words: OptionWord[] = [];
  const operands: string[] = [];
  let firstAt: number | undefined;
  for (const token of tokens) {
    if (token.kind === 'positional') {
      operands.push(token.value);
      firstAt ??= token.index;
    }
    if (token.kind === 'option') words.push(token);
  }
  return { task, words: task === 'grep' ? withContext(words) : words, operands, firstAt };
}

/** As grep has it `-12` is `-C 12`, also among other letters: `-n12`. */
function withContext(words: readonly OptionWord[]): OptionWord[] {
  const read: OptionWord[] = [];
  let digitsAt: number | undefined;
  for (const { index, ...word } of words) {
    const isDigit = /^-\d$/.test(word.rawName);
    const last = read.at(-1);
    if (isDigit && digitsAt === index && last !== undefined) {
      last.value += word.name;
      last.rawName += word.name;
    } else
      read.push(isDigit ? { name: contextName, rawName: word.rawName, value: word.name, index } : { ...word, index });
    digitsAt = isDigit ? index : undefined;
  }
  return read;
}

const contextName = longName('context' satisfies OptionName).slice(2);

function isTaken(word: string, task: Task): boolean {
  return optionsFor(task).some(([name]) => longName(name) === `--${word}`);
}

/** @throws SseTailError kind `usage` where the task takes no such option, with what may have been meant */
function givenOption({ name: word, rawName, value }: OptionWord, task: Task): GivenOption {
  const taken = optionsFor(task).map(([candidate]) => candidate);
  const name = optionNames.find((candidate) => longName(candidate) === `--${word}`);
  if (name !== undefined && taken.includes(name)) return { name, rawName, value };
  const advice = foreignOptionAdvice(rawName, task);
  if (advice !== undefined) throw mistakes.foreignOption(rawName, task, advice);
  const others = optionNames.filter((candidate) => isSpelled(rawName, candidate));
  if (others.length > 0) throw mistakes.notTaken(rawName, task, tasksTaking(others));
  throw mistakes.unknownOption(rawName, task, nearestOption(rawName, taken));
}

function isSpelled(rawName: string, name: OptionName): boolean {
  const { short }: Option = options[name];
  return longName(name) === rawName || (short !== undefined && `-${short}` === rawName);
}

function tasksTaking(names: readonly OptionName[]): Task[] {
  return [...new Set(names.flatMap((name): readonly Task[] => (options[name] as Option).takenBy ?? ['stream']))];
}

/** A letter means what it means to the subcommand: to grep `-n` numbers lines, and takes no value. */
function parseArgsConfig(task: Task) {
  const own = optionsFor(task);
  const others = optionNames.filter((name) => !own.some(([taken]) => taken === name));
  const letters = new Set<string>();
  return Object.fromEntries(
    [...own, ...others.map((name): [OptionName, Option] => [name, options[name]])].map(([name, { value, short }]) => {
      const type = value === undefined ? ('boolean' as const) : ('string' as const);
      if (short === undefined || letters.has(short)) return [longName(name).slice(2), { type }];
      letters.add(short);
      return [longName(name).slice(2), { type, short }];
    }),
  );
}
