/** What sse-tail can be asked to do: `stream` where nothing else is said, else a subcommand. */
export type Task = 'stream' | SubcommandName;

export type SubcommandName = 'logs' | 'cat' | 'rm' | 'serve';

/** A word that stands first on the command line and asks for something about the logs that are kept. */
export interface Subcommand {
  /** What stands behind it, as the help says it. */
  operands: '' | '<log>' | '<log> …';
  /** One sentence. */
  help: string;
}

/** Parser, help and README take them from here. */
export const subcommands: Readonly<Record<SubcommandName, Subcommand>> = {
  logs: { operands: '', help: 'List the logs that are kept' },
  cat: { operands: '<log>', help: 'Print a kept log' },
  rm: { operands: '<log> …', help: 'Remove kept logs' },
  serve: { operands: '', help: 'Serve one page for every log kept on this machine' },
};

/** Whether a word asks for a subcommand. A path never does: `./logs` is a file. */
export function isSubcommand(word: string | undefined): word is SubcommandName {
  return word !== undefined && Object.hasOwn(subcommands, word);
}
