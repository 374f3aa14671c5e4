import type { Option } from '../options/option.ts';
import { optionsFor } from '../options/options.ts';
import { envName, longName } from '../options/spelling.ts';
import { type SubcommandName, subcommands, type Task } from '../options/subcommands.ts';

const columns = 80;
const indent = 28;

const synopsis = `Usage: sse-tail [options] <file or glob> …       follow files
       sse-tail [options] -- <command> …         run a command, stream output
       <command> | sse-tail [options] [-]        stream standard input
       sse-tail logs|cat|export|grep|rm|serve …  use the logs that are kept

Watch it live and in color in a browser, at the URL printed on stderr.

Examples:
  sse-tail ./build.log
  sse-tail -n all 'logs/*.log'
  sse-tail -- npm run build
  sse-tail -c 'npm run build && npm test'
  make 2>&1 | sse-tail --title nightly
`;

const examples: Record<SubcommandName, string> = {
  logs: `  sse-tail logs
  sse-tail logs --json | jq -r '.[] | select(.status.code == 1) | .id'
`,
  cat: `  sse-tail cat build.log-1f3a
  sse-tail cat -n 100 -f 'npm run build'
  sse-tail cat --strip build.log | grep -i error
`,
  grep: `  sse-tail grep timeout
  sse-tail grep -n -C 2 'ECONN(REFUSED|RESET)' build.log
  sse-tail grep --level error --since 2h . --json
`,
  export: `  sse-tail export -o build.html 'npm run build'
  sse-tail export build.log-1f3a > build.html
`,
  rm: `  sse-tail rm build.log-1f3a npm-run-build-77c0
  sse-tail rm --all
`,
  serve: `  sse-tail serve
  sse-tail serve --port 8080 --open
`,
  completions: `  source <(sse-tail completions bash)                  # in ~/.bashrc
  source <(sse-tail completions zsh)                   # in ~/.zshrc
  sse-tail completions fish | source                   # in config.fish
`,
  healthcheck: `  sse-tail healthcheck --port 7730
`,
};

const remarks: Record<SubcommandName, string> = {
  logs: '',
  cat: `Refer to a log by its ID, a unique prefix of it, or its name (the newest log
with that name). Prints the text of the log. Notices from sse-tail appear as
[sse-tail: ...].
`,
  grep: `Searches all kept logs, the newest first, unless you name some. Patterns use RE2
syntax. Lines are searched and printed as a reader sees them, without escape
sequences. Case is ignored unless the pattern has a capital letter.
The exit code is 0 if a line matches, 1 if none does, and 2 after an error.
`,
  export: `The file holds the log as it is now. Any browser since 2023 shows it offline,
with colors, search, filters, groups, errors and timeline. Links such as
build.html#L45 lead to a line. Refer to a log by its ID, a unique prefix of it,
or its name (the newest log with that name).
`,
  rm: `Refer to a log by its ID, a unique prefix of it, or its name if no other log has
it. A log that is still in use is not removed.
`,
  serve: 'Logs that are still being written on this machine are live.\n',
  completions: 'Completes options, subcommands, files and the IDs of kept logs.\n',
  healthcheck: `For the HEALTHCHECK of a container. The exit code is 0 if sse-tail answers and
can write its log, otherwise 1.
`,
};

/** What `--help` prints; no line is longer than 80 columns. */
export function helpText(task: Task = 'stream'): string {
  return task === 'stream' ? streamHelp() : subcommandHelp(task);
}

function streamHelp(): string {
  return `${synopsis}
${sections()}
Subcommands (each has its own --help):
${subcommandNames().map(subcommandRow).join('')}
To follow a file that is named like a subcommand, give its path: ./logs
Options are environment variables, too: ${envName('port')}=8080, ${envName('quiet')}=1.
The exit code is the command's, 128 + n if signal n ended it, 127 or 126 if it
could not be run, 2 for a mistake on the command line, 1 for any other error.
`;
}

function subcommandHelp(name: SubcommandName): string {
  const { help } = subcommands[name];
  const remark = remarks[name] === '' ? '' : `\n${remarks[name]}`;
  return `Usage: ${usageOf(name)}

${help}.
${remark}
Examples:
${examples[name]}
Options:
${optionsFor(name).map(helpRow).join('')}`;
}

function sections(): string {
  const entries = optionsFor('stream');
  const groups = new Set(entries.map(([, option]) => option.group));
  const membersOf = (group: Option['group']) => entries.filter(([, option]) => option.group === group);
  return [...groups].map((group) => `${group}:\n${membersOf(group).map(helpRow).join('')}`).join('\n');
}

/** The table of options of `docs/options.md`, as Markdown. */
export function optionsTable(): string {
  const rows = optionsFor('stream').map(([name, option]) => {
    const standard = option.standard ?? '';
    const env = option.env === false ? '' : `\`${envName(name)}\``;
    return `| ${code(spelling(name, option))} | ${option.help} | ${standard} | ${env} |\n`;
  });
  return `| option | what it does | default | variable |\n|---|---|---|---|\n${rows.join('')}`;
}

/** The table of subcommands of `docs/options.md`, as Markdown. */
export function subcommandsTable(): string {
  const rows = subcommandNames().map((name) => {
    const own = optionsFor(name).filter(([, { group }]) => group !== 'General');
    const spellings = own.map(([option, entry]) => code(spelling(option, entry))).join(', ');
    const call = code(`sse-tail ${name} ${subcommands[name].operands}`.trim());
    return `| ${call} | ${subcommands[name].help} | ${spellings} |\n`;
  });
  return `| | what it does | options |\n|---|---|---|\n${rows.join('')}`;
}

function subcommandNames(): SubcommandName[] {
  return Object.keys(subcommands) as SubcommandName[];
}

function subcommandRow(name: SubcommandName): string {
  return row(`  ${`${name} ${subcommands[name].operands}`.trim()}`, subcommands[name].help);
}

function usageOf(name: SubcommandName): string {
  return `sse-tail ${name} [options] ${subcommands[name].operands}`.trim();
}

function helpRow([name, option]: [string, Option]): string {
  const standard = option.standard === undefined ? '' : ` (default: ${option.standard})`;
  return row(
    `  ${option.short === undefined ? '    ' : `-${option.short}, `}${long(name, option)}`,
    `${option.help}${standard}`,
  );
}

/** The head in its column, and its meaning beside it, or below it where the head is too long. */
function row(head: string, meaning: string): string {
  const [first = '', ...rest] = wrap(meaning, columns - indent);
  const lines = head.length < indent ? [head.padEnd(indent) + first] : [head, ' '.repeat(indent) + first];
  return [...lines, ...rest.map((line) => ' '.repeat(indent) + line)].map((line) => `${line}\n`).join('');
}

function spelling(name: string, option: Option): string {
  return `${option.short === undefined ? '' : `-${option.short}, `}${long(name, option)}`;
}

function long(name: string, { value }: Option): string {
  return `${longName(name)}${value === undefined ? '' : ` <${value}>`}`;
}

/** A `|` in a Markdown table has to be escaped, in code too. */
function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
