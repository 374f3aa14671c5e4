/** What sse-tail can be asked to do: `stream` unless a subcommand is named. */
export type Task = 'stream' | SubcommandName;

export type SubcommandName = 'logs' | 'cat' | 'grep' | 'export' | 'rm' | 'serve' | 'healthcheck' | 'completions';

/** The first word of a command line that is about the logs that are kept. */
export interface Subcommand {
  /** Its operands, as the help shows them. */
  operands: '' | 'bash|zsh|fish' | '<log>' | '<log> …' | '<pattern> [<log> …]';
  /** One sentence. */
  help: string;
}

/** The parser, the help and the docs take them from here. */
export const subcommands: Readonly<Record<SubcommandName, Subcommand>> = {
  logs: { operands: '', help: 'List the logs that are kept' },
  cat: { operands: '<log>', help: 'Print a kept log' },
  grep: { operands: '<pattern> [<log> …]', help: 'Print the lines of kept logs that match a pattern' },
  export: { operands: '<log>', help: 'Write a kept log as one HTML file' },
  rm: { operands: '<log> …', help: 'Remove kept logs' },
  serve: { operands: '', help: 'Serve one page for all logs kept on this machine' },
  completions: { operands: 'bash|zsh|fish', help: 'Print completions for a shell' },
  healthcheck: { operands: '', help: 'Check whether an sse-tail on this machine answers' },
};

/** Shells that there are completions for. */
export type Shell = 'bash' | 'zsh' | 'fish';
export const shells: readonly Shell[] = ['bash', 'zsh', 'fish'];

/** Whether a word names a subcommand. A path never does: `./logs` is a file. */
export function isSubcommand(word: string | undefined): word is SubcommandName {
  return word !== undefined && Object.hasOwn(subcommands, word);
}
