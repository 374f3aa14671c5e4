import { envName, longName, type Option, options } from './options.ts';

const columns = 80;
const indent = 28;

const synopsis = `Usage: sse-tail [options] <file or glob> …    follow files
       sse-tail [options] -- <command> …         run a command, stream its output
       <command> | sse-tail [options] [-]        stream standard input

See it live and in colour in a browser, at the URL that is printed on stderr.

Examples:
  sse-tail ./build.log
  sse-tail -n all 'logs/*.log'
  sse-tail -- npm run build
  sse-tail -c 'npm run build && npm test'
  make 2>&1 | sse-tail --title nightly
`;

/** What `--help` prints; no line is longer than 80 columns. */
export function helpText(): string {
  const groups = new Set(entries().map(([, option]) => option.group));
  const sections = [...groups].map((group) => `${group}:\n${membersOf(group).map(helpRow).join('')}`);
  return `${synopsis}
${sections.join('\n')}
Each option is also an environment variable: ${envName('port')}=8080, ${envName('quiet')}=1.
The exit code is the command's, 128 + n if signal n ended it, 127 or 126 if it
could not be run, 2 for a mistake in the options, 1 for any other error.
`;
}

/** The rows of the README's table of options, as Markdown. */
export function optionsTable(): string {
  const rows = entries().map(([name, option]) => {
    const standard = option.standard ?? '';
    const env = option.env === false ? '' : `\`${envName(name)}\``;
    return `| ${code(spelling(name, option))} | ${option.help} | ${standard} | ${env} |\n`;
  });
  return `| option | what it does | default | variable |\n|---|---|---|---|\n${rows.join('')}`;
}

function entries(): [string, Option][] {
  return Object.entries(options);
}

function membersOf(group: Option['group']): [string, Option][] {
  return entries().filter(([, option]) => option.group === group);
}

function helpRow([name, option]: [string, Option]): string {
  const standard = option.standard === undefined ? '' : ` (${option.standard})`;
  const head = `  ${option.short === undefined ? '    ' : `-${option.short}, `}${long(name, option)}`;
  const [first = '', ...rest] = wrap(`${option.help}${standard}`, columns - indent);
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
