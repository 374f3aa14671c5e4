import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { AgentInput, AgentOptions } from './agent-options.ts';
import type { Log } from './journal/store.ts';
import { commandName } from './sources/command/command.ts';
import type { StartAt } from './sources/file/file.ts';
import { startText } from './sources/file/open/start-offset.ts';
import { isGlob } from './sources/file/watch/glob.ts';
import type { Redactor } from './text/redact/redact.ts';
import { listed } from './words/amounts.ts';
import { defined } from './words/defined.ts';
import { causeOf } from './words/errors.ts';
import type { LogInfo } from './words/log.ts';
import { fsPath, shownText } from './words/raw-text.ts';

export const defaultStart: StartAt = { last: 10_000 };

/** What the log is called and what it is of, without secrets, save for a name that was given and paths. */
export function infoOf(
  { input, name, title }: AgentOptions,
  redactor: Redactor | undefined,
): Omit<LogInfo, 'id' | 'createdAt'> {
  const withoutSecrets = (text: string) => redactor?.text(text) ?? text;
  const common = {
    cwd: process.cwd(),
    ...defined({ title: title && withoutSecrets(title), lasting: name === undefined ? undefined : (true as const) }),
  };
  switch (input.kind) {
    case 'files': {
      const paths = input.paths.map((path) => resolve(path));
      return {
        kind: 'file',
        name: name ?? withoutSecrets(nameOfFiles(input.paths)),
        paths,
        operands: input.paths,
        start: startText(input.start ?? defaultStart),
        ...common,
      };
    }
    case 'command':
      return {
        kind: 'command',
        name: name ?? withoutSecrets(shownText(commandName(input.argv))),
        argv: input.argv.map((arg) => withoutSecrets(shownText(arg))),
        ...common,
      };
    case 'stdin':
      return { kind: 'stdin', name: name ?? 'stdin', ...common };
  }
}

/** The input in a word or two, for sentences. */
export function describe(input: AgentInput): string {
  switch (input.kind) {
    case 'files':
      return shownText(input.paths.join(' '));
    case 'command':
      return shownText(commandName(input.argv));
    case 'stdin':
      return 'standard input';
  }
}

/**
 * What is waited for, where there is nothing to read yet.
 *
 * @param isThere one of the paths is: a directory, so far without files, or a socket or device that can't be opened
 */
export function awaitedText(paths: readonly string[], isThere: boolean): string {
  const named = paths.map(shownText);
  const [only = ''] = named;
  if (named.length === 1 && isThere) {
    if (paths.every(isDirectory)) return `There is no file in ${only} yet; waiting for one.`;
    return `${only} can't be read yet; waiting until it can be.`;
  }
  if (!isThere && !paths.some(isGlob)) return missingText(paths);
  return `No file matches ${listed(named, 'or')} yet; waiting for one.`;
}

/** Named files that are waited for. */
export function missingText(paths: readonly string[]): string {
  const names = namesOf(paths);
  if (paths.length === 1) return `${names} does not exist yet; waiting for it.`;
  return `${names} do not exist yet; waiting for them.`;
}

/** The same of those that can't be read. */
export function refusedText(paths: readonly string[], refusal: unknown): string {
  return `${namesOf(paths)} can't be read: ${causeOf(refusal)}; waiting until ${paths.length === 1 ? 'it' : 'they'} can be.`;
}

/** A sentence names at most this many. */
const mostNamed = 5;

function namesOf(paths: readonly string[]): string {
  const named = paths.map(shownText);
  if (named.length <= mostNamed) return listed(named, 'and');
  return `${named.slice(0, mostNamed).join(', ')} and ${named.length - mostNamed} more`;
}

function isSeveral(path: string): boolean {
  return isGlob(path) || isDirectory(path);
}

/** What can't be looked at (below a file, in a circle of links) is waited for, as a file that does not exist yet. */
function isDirectory(path: string): boolean {
  try {
    return statSync(fsPath(path)).isDirectory();
  } catch {
    return false;
  }
}

function nameOfFiles(paths: string[]): string {
  const [first = ''] = paths;
  const name = shownText(isGlob(first) ? first : basename(resolve(first)) || first);
  return paths.length === 1 ? name : `${name} and ${paths.length - 1} more`;
}

/**
 * The one source there can ever be, or undefined where there are or may be several. A persistent log may have had
 * another one: a line that names none belongs to the log's first.
 */
export function onlySourceOf(input: AgentInput, log: Log): string | undefined {
  const [first] = log.sources;
  const only = singleSourceOf(input);
  return first === undefined || first === only ? only : undefined;
}

function singleSourceOf(input: AgentInput): string | undefined {
  switch (input.kind) {
    case 'files': {
      const [first, second] = input.paths;
      return second !== undefined || first === undefined || isSeveral(first) ? undefined : shownText(basename(first));
    }
    case 'command':
      return shownText(commandName(input.argv));
    case 'stdin':
      return 'stdin';
  }
}
